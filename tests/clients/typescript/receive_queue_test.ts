import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Message } from "../../../clients/typescript/src/message.js";
import { ReceiveQueue } from "../../../clients/typescript/src/receive_queue.js";
import { StatusError } from "../../../clients/typescript/src/status.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const numbered = (position: number) => Object.assign(new Message(), { position });
const cancelled = new StatusError("CANCELLED", "");

function setUp(messagesMax: number) {
  const told: string[] = [];
  const queue = new ReceiveQueue(
    messagesMax,
    () => told.push("pause"),
    () => told.push("resume"),
  );
  return { queue, told };
}

describe("receive queue", () => {
  test("in order, whoever comes first", async () => {
    const { queue } = setUp(10);
    const first = queue.receive();
    const second = queue.receive();
    for (let i = 1; i <= 4; ++i) queue.onMessage(numbered(i));
    expect(queue.size).toBe(2);
    const got = [await first, await second, await queue.receive(), await queue.receive(0)];
    expect(got.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
  });

  test("full it pauses, half empty it resumes", async () => {
    const { queue, told } = setUp(4);
    for (let i = 1; i <= 5; ++i) queue.onMessage(numbered(i)); // one that came by then
    expect(told).toEqual(["pause"]);
    for (let i = 0; i < 2; ++i) await queue.receive();
    expect(told).toEqual(["pause"]);
    await queue.receive();
    expect(told).toEqual(["pause", "resume"]);
    expect(queue.size).toBe(2);
  });

  test("much goes through", async () => {
    const { queue } = setUp(10);
    for (let i = 0; i < 5; ++i) queue.onMessage(numbered(i));
    for (let i = 5; i < 1000; ++i) {
      queue.onMessage(numbered(i));
      expect((await queue.receive()).position).toBe(i - 5);
    }
  });

  test("nothing in time", async () => {
    const { queue } = setUp(10);
    await expect(queue.receive(0)).rejects.toMatchObject({ kind: "DEADLINE_EXCEEDED" });
    const late = queue.receive(100);
    const inTime = queue.receive(200);
    vi.advanceTimersByTime(100);
    await expect(late).rejects.toMatchObject({ kind: "DEADLINE_EXCEEDED" });
    queue.onMessage(numbered(1));
    expect((await inTime).position).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("its end is behind what waits", async () => {
    const { queue, told } = setUp(1);
    queue.onMessage(numbered(1));
    queue.onEnd(cancelled);
    expect(told).toEqual(["pause", "resume"]);
    expect((await queue.receive()).position).toBe(1);
    await expect(queue.receive()).rejects.toBe(cancelled);
  });

  test("its end is told to those who wait", async () => {
    const { queue } = setUp(1);
    const waits = [queue.receive(), queue.receive(100)];
    queue.onEnd(cancelled);
    for (const wait of waits) await expect(wait).rejects.toBe(cancelled);
    expect(vi.getTimerCount()).toBe(0);
  });
});
