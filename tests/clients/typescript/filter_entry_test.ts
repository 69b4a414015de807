import { describe, expect, test } from "vitest";
import { FilterEntry, Subscribed } from "../../../clients/typescript/src/filter_entry.js";
import type { SubscribeOptions } from "../../../clients/typescript/src/options.js";
import { Start } from "../../../clients/typescript/src/start.js";
import { behind, Collector, messageOf } from "./support/collector.js";

function setUp() {
  const entry = new FilterEntry();
  const add = (id: number, options: SubscribeOptions = {}) => {
    const ear = new Collector();
    entry.add(options, new Subscribed(id, ear));
    return ear;
  };
  const hand = (...positions: number[]) => {
    for (const position of positions) entry.hand(messageOf({ position }));
  };
  return { entry, add, hand };
}

describe("filter entry", () => {
  test("without a stream everything is handed", () => {
    const { entry, add, hand } = setUp();
    const ear = add(1);
    entry.begin(1, undefined);
    hand(5, 3, 0, 3);
    expect(ear.positions).toEqual([5, 3, 0, 3]);
  });

  test("within one nothing is handed twice", () => {
    const { entry, add, hand } = setUp();
    const ear = add(1);
    hand(5); // before the answer
    entry.begin(1, behind(4));
    hand(5, 6, 6, 3, 0, 7);
    expect(ear.positions).toEqual([5, 6, 0, 7]);
    expect(entry.position).toBe(7);
    expect(entry.isLive).toBe(true);
  });

  test("who asks for history takes nothing before the answer", () => {
    const { entry, add, hand } = setUp();
    const ear = add(1, { start: Start.last(3) });
    expect(entry.options.start!.isNow).toBe(false);
    hand(10);
    entry.begin(1, behind(7));
    hand(8, 9, 10);
    expect(ear.positions).toEqual([8, 9, 10]);
    expect(entry.options.start!.isNow).toBe(true);
    expect(entry.isLive).toBe(false);
  });

  test("subscriptions to one filter have their own places", () => {
    const { entry, add, hand } = setUp();
    const first = add(1);
    entry.begin(1, behind(4));
    hand(5);
    const second = add(2, { start: Start.last(5) });
    entry.begin(2, behind(2));
    hand(3, 4, 5, 6);
    expect(first.positions).toEqual([5, 6]);
    expect(second.positions).toEqual([3, 4, 5, 6]);
    const third = add(3);
    entry.begin(3, undefined);
    hand(6, 7);
    expect(third.positions).toEqual([7]);
  });

  test("goes on where it was unless the epoch is another", () => {
    const { entry, add, hand } = setUp();
    const ear = add(1);
    entry.begin(1, behind(4));
    hand(5, 6);
    entry.ask(false);
    hand(8); // for somebody else: 7 is still to come
    entry.beginAgain(behind(5));
    hand(6, 7, 8);
    expect(ear.positions).toEqual([5, 6, 7, 8]);
    entry.ask(false);
    entry.beginAgain(behind(0, { epoch: 2 }));
    hand(1, 2);
    expect(ear.positions).toEqual([5, 6, 7, 8, 1, 2]);
    expect(entry.stream!.epoch).toBe(2);
    expect(entry.position).toBe(2);
  });

  test("what conflates takes every position", () => {
    const { entry, add, hand } = setUp();
    const ear = add(1);
    entry.begin(1, behind(4, { overflow: "conflate" })); // the broker's setting
    hand(9, 6, 8);
    expect(ear.positions).toEqual([9, 6, 8]);
    expect(entry.conflates).toBe(true);
    add(2, { overflow: "dropNewest" });
    expect(entry.conflates).toBe(false);
  });

  test("what another brings late is handed, too", () => {
    const { entry, add, hand } = setUp();
    const ear = add(1);
    entry.begin(1, behind(4));
    hand(5);
    entry.share();
    hand(9, 6, 7);
    expect(ear.positions).toEqual([5, 9, 6, 7]);
    expect(entry.position).toBe(9);
  });

  test("replay is never live", () => {
    const { entry, add } = setUp();
    add(1, { overflow: "replay" });
    entry.begin(1, behind(4));
    expect(entry.isLive).toBe(false);
    entry.ask(true);
    expect(entry.isLive).toBe(false);
  });

  test("who is removed while it is handed around hears no more", () => {
    const { entry, add, hand } = setUp();
    const second = new Collector();
    add(1).onMessage = () => void entry.remove(2);
    entry.add({}, new Subscribed(2, second));
    hand(1);
    hand(2);
    expect(second.positions).toEqual([1]);
    expect(entry.remove(2)).toBeUndefined();
    expect(entry.subscribers).toHaveLength(1);
  });
});
