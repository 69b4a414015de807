import { describe, expect, test, vi } from "vitest";
import { guarded } from "../../../clients/typescript/src/events.js";

describe("guarded", () => {
  test("what is thrown is thrown again, later", () => {
    const later = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
    guarded(() => {
      throw new Error("mine");
    });
    expect(later).toHaveBeenCalledOnce();
    expect(later.mock.calls[0]![0]).toThrow("mine");
    guarded(() => {});
    expect(later).toHaveBeenCalledOnce();
    later.mockRestore();
  });
});
