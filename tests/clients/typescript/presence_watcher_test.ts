import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PresenceNews } from "../../../clients/typescript/src/presence.js";
import { type Ask, PresenceWatcher } from "../../../clients/typescript/src/presence_watcher.js";
import { StatusError, unavailable } from "../../../clients/typescript/src/status.js";
import {
  PresenceRequestSchema,
  PresenceRosterSchema,
  PresenceUpdateSchema,
} from "../../../proto/presence_pb.js";
import { messageOf } from "./support/collector.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Roster = MessageInitShape<typeof PresenceRosterSchema>;
type Update = MessageInitShape<typeof PresenceUpdateSchema>;

interface Asked {
  after: string;
  answer(roster: Roster): void;
  refuse(why: StatusError): void;
}

function setUp() {
  const asked: Asked[] = [];
  const news: PresenceNews[] = [];
  let overs = 0;
  const ask: Ask = (payload, done) =>
    asked.push({
      after: fromBinary(PresenceRequestSchema, payload).after,
      answer: (roster) =>
        done(toBinary(PresenceRosterSchema, create(PresenceRosterSchema, roster))),
      refuse: done,
    });
  const watcher = new PresenceWatcher(
    ask,
    (one) => news.push(one),
    () => ++overs,
  );
  const say = (update: Update) => {
    const payload = toBinary(PresenceUpdateSchema, create(PresenceUpdateSchema, update));
    watcher.onMessage(messageOf({ payload }));
  };
  return { watcher, asked, news, say, overs: () => overs };
}

const roster = (version: bigint, ids: string[], next = "") => ({
  epoch: 1n,
  version,
  count: BigInt(ids.length),
  members: ids.map((clientId) => ({ clientId })),
  next,
});

describe("presence watcher", () => {
  test("reads page after page, and then takes the updates", () => {
    const { watcher, asked, news, say } = setUp();
    watcher.onSubscribed();
    asked[0]!.answer(roster(3n, ["a"], "a"));
    expect(asked[1]!.after).toBe("a");
    asked[1]!.answer(roster(3n, ["b"]));
    expect(news).toMatchObject([{ first: true, joined: [{ clientId: "a" }, { clientId: "b" }] }]);
    say({ epoch: 1n, version: 4n, count: 1n, left: [{ clientId: "a" }] });
    expect(news[1]).toMatchObject({ first: false, left: [{ clientId: "a" }], count: 1 });
    expect(asked).toHaveLength(2);
  });

  test("an update right behind the answer counts", () => {
    const { watcher, asked, news, say } = setUp();
    watcher.onSubscribed();
    asked[0]!.answer(roster(0n, []));
    say({ epoch: 1n, version: 1n, count: 1n, joined: [{ clientId: "a" }] });
    expect(news).toMatchObject([{ first: true }, { joined: [{ clientId: "a" }], count: 1 }]);
    expect(asked).toHaveLength(1);
  });

  test("reads again after a gap, and on a new connection, where the old answers are nothing", () => {
    const { watcher, asked, news } = setUp();
    watcher.onSubscribed();
    watcher.onGap(); // asked already
    expect(asked).toHaveLength(1);
    watcher.onSubscribed();
    expect(asked).toHaveLength(2);
    asked[0]!.answer(roster(1n, ["old"]));
    expect(news).toEqual([]);
    asked[1]!.answer(roster(2n, ["a"]));
    expect(news).toHaveLength(1);
    watcher.onGap();
    asked[2]!.answer(roster(9n, ["a", "b"]));
    expect(news[1]).toMatchObject({ joined: [{ clientId: "b" }], count: 2 });
  });

  test("a lost connection comes back; a busy broker is asked again", async () => {
    const { watcher, asked } = setUp();
    watcher.onSubscribed();
    asked[0]!.refuse(unavailable("broken"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(1);
    watcher.onSubscribed();
    asked[1]!.refuse(new StatusError("UNAVAILABLE", "busy", 122));
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(3);
  });

  test("ends when it may not see it any more", () => {
    const { watcher, asked, news, say, overs } = setUp();
    watcher.onSubscribed();
    asked[0]!.answer(roster(1n, []));
    say({ ended: true });
    say({ epoch: 1n, version: 2n, joined: [{ clientId: "x" }] });
    expect(news.at(-1)!.ended).toMatchObject({ kind: "PERMISSION_DENIED" });
    expect(news).toHaveLength(2);
    expect(overs()).toBe(1);
    const refused = setUp();
    refused.watcher.onSubscribed();
    refused.asked[0]!.refuse(new StatusError("FAILED_PRECONDITION", "none", 160));
    expect(refused.news[0]!.ended).toMatchObject({ code: 160 });
  });

  test("ends with its client; before its begin nobody is told", () => {
    const { watcher, news } = setUp();
    watcher.onEnd(unavailable("x"));
    expect(news).toEqual([]);
    const begun = setUp();
    begun.watcher.onSubscribed();
    begun.watcher.onEnd(unavailable("x"));
    expect(begun.news[0]!.ended).toMatchObject({ kind: "UNAVAILABLE" });
  });

  test("stopped, it says nothing", () => {
    const { watcher, asked, news } = setUp();
    watcher.onSubscribed();
    watcher.stop();
    asked[0]!.answer(roster(1n, ["a"]));
    watcher.onEnd(unavailable("x"));
    expect(news).toEqual([]);
  });

  test("payloads that are none are left out", () => {
    const { watcher, asked, news } = setUp();
    watcher.onSubscribed();
    watcher.onMessage(messageOf({ payload: Uint8Array.of(0xff) }));
    asked[0]!.answer(roster(1n, []));
    expect(news).toHaveLength(1);
  });
});
