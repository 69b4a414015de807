import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PausedReading } from "../../../clients/typescript/src/paused_reading.js";
import { FakeTransport } from "./support/fake_transport.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(keepAliveMs: number) {
  const transport = new FakeTransport();
  const reading = new PausedReading(transport);
  reading.keepAliveMs = keepAliveMs;
  return { transport, reading };
}

describe("paused reading", () => {
  test("signs of life go by themselves, until it goes on", () => {
    const { transport, reading } = setUp(300);
    reading.pause();
    reading.pause();
    vi.advanceTimersByTime(450);
    expect(transport.kinds()).toEqual(["ping", "ping", "ping"]);
    reading.resume();
    vi.advanceTimersByTime(1000);
    expect(transport.kinds()).toEqual([]);
    expect([transport.pauses, transport.resumes]).toEqual([2, 1]);
  });

  test("not for a connection that is gone", () => {
    const { reading } = setUp(300);
    reading.pause();
    reading.onDown();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("where the platform cannot pause it answers by itself: no timer in a page", () => {
    const { transport, reading } = setUp(300);
    transport.canPause = false;
    reading.pause();
    expect(vi.getTimerCount()).toBe(0);
    const { reading: unasked } = setUp(0);
    unasked.pause();
    expect(vi.getTimerCount()).toBe(0);
  });
});
