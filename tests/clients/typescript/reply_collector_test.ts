import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Message } from "../../../clients/typescript/src/message.js";
import { ReplyCollector } from "../../../clients/typescript/src/reply_collector.js";
import { unavailable } from "../../../clients/typescript/src/status.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function collect(repliesMax: number) {
  const told: string[] = [];
  const replies = new ReplyCollector(
    repliesMax,
    (all) => told.push(`${all.length} replies`),
    ({ kind }) => told.push(kind),
  );
  replies.endAfter(100, () => told.push("late"));
  return { replies, told };
}

describe("reply collector", () => {
  test("ends with enough of them", () => {
    const { replies, told } = collect(2);
    replies.onReply(new Message());
    expect(replies.ended).toBe(false);
    replies.onReply(new Message());
    replies.onReply(new Message());
    replies.fail(unavailable("x"));
    vi.runAllTimers();
    expect(told).toEqual(["2 replies"]);
  });

  test("ends with its time, with those that came", () => {
    const { replies, told } = collect(0);
    replies.onReply(new Message());
    vi.advanceTimersByTime(100);
    expect(told).toEqual(["late", "1 replies"]);
    expect(replies.ended).toBe(true);
  });

  test("nothing in time", () => {
    const { told } = collect(1);
    vi.advanceTimersByTime(99);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(["late", "DEADLINE_EXCEEDED"]);
  });

  test("fails once", () => {
    const { replies, told } = collect(1);
    replies.fail(unavailable("x"));
    replies.fail(unavailable("y"));
    expect(told).toEqual(["UNAVAILABLE"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
