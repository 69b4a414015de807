import { describe, expect, test } from "vitest";
import { Subscribed } from "../../../clients/typescript/src/filter_entry.js";
import type { SubscribeOptions } from "../../../clients/typescript/src/options.js";
import { OutgoingBuffer } from "../../../clients/typescript/src/outgoing_buffer.js";
import { Start } from "../../../clients/typescript/src/start.js";
import { isClosed, StatusError } from "../../../clients/typescript/src/status.js";
import type { Beginning } from "../../../clients/typescript/src/stream_start.js";
import { SubscriptionSet } from "../../../clients/typescript/src/subscription_set.js";
import { behind, Collector, messageOf } from "./support/collector.js";
import { FakeTransport } from "./support/fake_transport.js";

const refusal = new StatusError("PERMISSION_DENIED", "no", 120);

function setUp() {
  const outgoing = new OutgoingBuffer(1 << 20, "error", () => {});
  const set = new SubscriptionSet(outgoing);
  const told: string[] = [];
  let ids = 0;
  const add = (filter: string, options: SubscribeOptions = {}) => {
    const ear = new Collector();
    const id = ++ids;
    set.add(filter, options, new Subscribed(id, ear), (outcome: Beginning | StatusError) =>
      told.push(`${filter} ${outcome instanceof StatusError ? outcome.kind : "begins"}`),
    );
    return { ear, id, name: { filter, group: options.group ?? "" } };
  };
  /** [id, filter] of what was asked since the last call. */
  const asked = (frames = [outgoing.take(1 << 20)]) => {
    const transport = new FakeTransport();
    for (const frame of frames) if (frame) transport.send(frame);
    return transport.heard().map(({ value }) => {
      const { id, filter } = value as unknown as { id: bigint; filter: string };
      return [Number(id), filter] as [number, string];
    });
  };
  const nobody = () => expect.unreachable();
  return { outgoing, set, told, add, asked, nobody };
}

describe("subscription set", () => {
  test("waits for a connection, and is asked for on each", () => {
    const { set, told, add, asked, nobody } = setUp();
    const { ear } = add("a");
    expect(asked()).toEqual([]);
    expect(asked(set.onUp())).toEqual([[1, "a"]]);
    expect(set.isUpAgain).toBe(false);
    expect(set.onSubscribed(1, { lastValues: false }, nobody)).toBe(true);
    expect(set.isUpAgain).toBe(true);
    expect(told).toEqual(["a begins"]);
    set.dispatch(messageOf({ topic: "a" }));
    expect(ear.topics).toEqual(["a"]);
    set.onDown();
    expect(asked(set.onUp())).toEqual([[1, "a"]]);
    set.onSubscribed(1, { lastValues: false }, nobody);
    expect(told).toEqual(["a begins"]); // nobody waits any more
  });

  test("while a connection stands it is asked behind what was published", () => {
    const { set, told, add, asked, nobody } = setUp();
    set.onUp();
    add("a");
    const [[id]] = asked() as [[number, string]];
    expect(set.isUpAgain).toBe(true);
    expect(set.onSubscribed(id + 1, { lastValues: false }, nobody)).toBe(false);
    set.onSubscribed(id, { lastValues: false }, nobody);
    expect(told).toEqual(["a begins"]);
  });

  test("the last one to a filter unsubscribes", () => {
    const { set, told, add, asked } = setUp();
    set.onUp();
    const [first, second] = [add("a"), add("a")];
    asked();
    set.remove(first.name, first.id);
    expect(asked()).toEqual([]);
    set.remove(second.name, second.id);
    expect(asked()).toMatchObject([[expect.any(Number), "a"]]);
    expect(first.ear.ends).toEqual(["CANCELLED"]);
    expect(told).toEqual(["a CANCELLED", "a CANCELLED"]); // they still waited
  });

  test("a refusal goes to who waits, otherwise to onError", () => {
    const { set, told, add, asked, nobody } = setUp();
    set.onUp();
    const { ear } = add("a");
    const [[id]] = asked() as [[number, string]];
    expect(set.onRefused(id, refusal, nobody)).toBe(true);
    expect(told).toEqual(["a PERMISSION_DENIED"]);
    expect(ear.ends).toEqual(["PERMISSION_DENIED"]);
    const other = add("b");
    set.onSubscribed(asked()[0]![0], { lastValues: false }, nobody);
    set.onDown();
    set.onUp();
    const errors: number[] = [];
    set.onRefused(1, refusal, ({ code }) => errors.push(code));
    expect(errors).toEqual([120]);
    expect(other.ear.ends).toEqual(["PERMISSION_DENIED"]);
    expect(set.isUpAgain).toBe(true);
    expect(asked(set.onUp())).toEqual([]);
  });

  test("a client is in a group once for each topic", () => {
    const { told, add } = setUp();
    add("a/+", { group: "g" });
    for (const filter of ["a/+", "a/1", "#"]) {
      expect(add(filter, { group: "g" }).ear.ends).toEqual(["ALREADY_EXISTS"]);
    }
    add("a/+", { group: "h" });
    add("b", { group: "g" });
    expect(told).toEqual(["a/+ ALREADY_EXISTS", "a/1 ALREADY_EXISTS", "# ALREADY_EXISTS"]);
  });

  test("goes on in its stream, and tells so; who rides goes on with its reader", () => {
    const { set, add, asked, nobody } = setUp();
    const [wide, narrow] = [add("chat/#"), add("chat/1")];
    set.onUp();
    set.onSubscribed(1, { stream: behind(4), lastValues: false }, nobody);
    set.onSubscribed(2, { stream: behind(4), lastValues: false }, nobody);
    set.dispatch(messageOf({ topic: "chat/1", position: 5 }));
    set.onDown();
    expect(asked(set.onUp())).toEqual([
      [1, "chat/1"],
      [2, "chat/#"],
    ]);
    const resumed: string[] = [];
    const onResumed = (start: { filter: string; position: number; recovered: boolean }) =>
      resumed.push(`${start.filter} ${start.position} ${start.recovered}`);
    set.onSubscribed(1, { stream: behind(9), lastValues: false }, onResumed);
    expect(resumed).toEqual([]);
    set.onSubscribed(2, { stream: behind(5), lastValues: false }, onResumed);
    expect(resumed).toEqual(["chat/# 5 true", "chat/1 5 true"]);
    for (const position of [5, 6]) set.dispatch(messageOf({ topic: "chat/1", position }));
    expect(wide.ear.positions).toEqual([5, 6]);
    expect(narrow.ear.positions).toEqual([5, 6]);
    set.onDown();
    set.onUp();
    set.onSubscribed(2, { stream: behind(0, { epoch: 2 }), lastValues: false }, onResumed);
    expect(resumed.slice(2)).toEqual(["chat/# 0 false", "chat/1 0 false"]);
  });

  test("history asked for once is not asked for again", () => {
    const { set, add, nobody } = setUp();
    const { ear } = add("chat/1", { start: Start.last(2) });
    set.onUp();
    set.dispatch(messageOf({ topic: "chat/1", position: 9 })); // before the answer
    set.onSubscribed(1, { stream: behind(7), lastValues: true }, nobody);
    for (const position of [8, 9]) set.dispatch(messageOf({ topic: "chat/1", position }));
    expect(ear.positions).toEqual([8, 9]);
  });

  test("ends all of them, and those that wait", () => {
    const { set, told, add } = setUp();
    const [a, b] = [add("a"), add("b")];
    set.end(isClosed());
    expect([a.ear.ends, b.ear.ends]).toEqual([["FAILED_PRECONDITION"], ["FAILED_PRECONDITION"]]);
    expect(told).toEqual(["a FAILED_PRECONDITION", "b FAILED_PRECONDITION"]);
  });

  test("a client that closes takes its filters along", () => {
    const { outgoing, set, add } = setUp();
    set.onUp();
    const { id, name } = add("a");
    outgoing.close(isClosed());
    set.remove(name, id);
  });
});
