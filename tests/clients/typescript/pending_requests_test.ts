import { describe, expect, test } from "vitest";
import { Message } from "../../../clients/typescript/src/message.js";
import { PendingRequests } from "../../../clients/typescript/src/pending_requests.js";
import { ReplyCollector } from "../../../clients/typescript/src/reply_collector.js";
import { StatusError, unavailable } from "../../../clients/typescript/src/status.js";

function setUp() {
  const requests = new PendingRequests();
  const told: string[] = [];
  const done = (id: number) => (outcome: unknown) =>
    told.push(`${id} ${outcome instanceof StatusError ? outcome.kind : "answered"}`);
  const addAnswered = (id: number, endOffset: number) =>
    requests.add({ id, endOffset, done: done(id) });
  const addReplied = (id: number, endOffset: number) => {
    const replies = new ReplyCollector(1, () => told.push(`${id} replied`), done(id));
    requests.add({ id, endOffset, replies, replyTopic: `r/${id}` });
  };
  return { requests, told, addAnswered, addReplied };
}

const reply = (topic: string) => Object.assign(new Message(), { topic });

describe("pending requests", () => {
  test("an answer comes once", () => {
    const { requests, told, addAnswered } = setUp();
    addAnswered(1, 0);
    expect(requests.complete(1, {})).toBe(true);
    expect(requests.complete(1, {})).toBe(false);
    expect(told).toEqual(["1 answered"]);
  });

  test("replies come behind Published", () => {
    const { requests, told, addReplied } = setUp();
    addReplied(1, 0);
    expect(requests.wantsReplies(1)).toBe(true);
    expect(requests.complete(1, {})).toBe(true);
    expect(requests.takeReply(reply("other"))).toBe(false);
    expect(requests.takeReply(reply("r/1"))).toBe(true);
    expect(requests.takeReply(reply("r/1"))).toBe(false);
    expect(told).toEqual(["1 replied"]);
    expect(requests.size).toBe(0);
  });

  test("a refusal instead of replies", () => {
    const { requests, told, addReplied } = setUp();
    addReplied(1, 0);
    requests.complete(1, new StatusError("NOT_FOUND", ""));
    expect(told).toEqual(["1 NOT_FOUND"]);
    expect(requests.takeReply(reply("r/1"))).toBe(false);
  });

  test("forgotten", () => {
    const { requests, told, addReplied } = setUp();
    addReplied(1, 0);
    requests.forget(1);
    requests.forget(1);
    expect(requests.takeReply(reply("r/1"))).toBe(false);
    expect(told).toEqual([]);
  });

  test("what was sent fails with the connection, what was not waits on", () => {
    const { requests, told, addAnswered, addReplied } = setUp();
    addAnswered(1, 10);
    addReplied(2, 20);
    addAnswered(3, 30);
    requests.failSent(20, unavailable(""));
    expect(told).toEqual(["1 UNAVAILABLE", "2 UNAVAILABLE"]);
    requests.failAll(new StatusError("CANCELLED", ""));
    expect(told.at(-1)).toBe("3 CANCELLED");
    expect(requests.size).toBe(0);
  });
});
