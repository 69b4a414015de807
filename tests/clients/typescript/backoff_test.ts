import { describe, expect, test } from "vitest";
import { Backoff } from "../../../clients/typescript/src/backoff.js";

describe("backoff", () => {
  test("the bound doubles to its end, and begins again", () => {
    const backoff = new Backoff(100, 450, () => 0.5);
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([50, 100, 200, 225, 225]);
    expect(backoff.ceilingMs).toBe(450);
    backoff.reset();
    expect(backoff.next()).toBe(50);
  });

  test("full jitter: anything from nothing to the bound", () => {
    const thrown = [0, 0.999];
    const backoff = new Backoff(100, 100, () => thrown.shift()!);
    expect(backoff.next()).toBe(0);
    expect(backoff.next()).toBeCloseTo(99.9);
  });

  test("dice of its own", () => {
    const backoff = new Backoff(1000, 1000);
    const waits = [1, 2, 3, 4].map(() => backoff.next());
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(Math.max(...waits)).toBeLessThan(1000);
  });

  test("bounds that are none are mended", () => {
    const backoff = new Backoff(0, -5, () => 0.5);
    expect(backoff.next()).toBe(0.5);
    expect(backoff.next()).toBe(0.5);
  });
});
