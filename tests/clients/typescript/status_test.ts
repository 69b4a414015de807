import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isFinalCode, StatusError, toStatus } from "../../../clients/typescript/src/status.js";

const none = { text: "", detail: "", retryable: false, retryAfterMs: 0, advice: "" };

/** [code, retryable] of the tables. */
function documented(): [number, boolean][] {
  const text = readFileSync("docs/PROTOCOL.md", "utf8");
  const rows = text.matchAll(/^\| (\d{3}) \| `\w+` \| .* \| (yes|no) \| .* \|$/gm);
  return [...rows].map(([, code, retryable]) => [Number(code), retryable === "yes"]);
}

describe("status", () => {
  test("says what the broker said", () => {
    const error = { ...none, code: 110, text: "no topic", detail: "a+", advice: "Correct it." };
    const status = toStatus(error);
    expect(status.message).toBe("code 110: no topic: a+ (Correct it.)");
    expect(status).toMatchObject({ code: 110, advice: "Correct it.", kind: "INVALID_ARGUMENT" });
    expect(status).toBeInstanceOf(Error);
    expect(toStatus({ ...none, code: 1, text: "x" }).message).toBe("code 1: x");
  });

  test.each([
    [113, false, "PERMISSION_DENIED"],
    [114, false, "NOT_FOUND"],
    [121, false, "RESOURCE_EXHAUSTED"],
    [122, true, "UNAVAILABLE"],
    [124, false, "INVALID_ARGUMENT"],
    [150, true, "UNAVAILABLE"],
    [230, false, "UNAUTHENTICATED"],
    [231, false, "FAILED_PRECONDITION"],
    [250, true, "UNAVAILABLE"],
  ])("code %d, retryable %s, is %s", (code, retryable, kind) => {
    expect(toStatus({ ...none, code, retryable }).kind).toBe(kind);
  });

  test("which endings are final, as documented", () => {
    const closes = documented().filter(([code]) => code >= 200);
    expect(closes.length).toBeGreaterThan(20);
    for (const [code, retryable] of closes)
      expect(isFinalCode(code), String(code)).toBe(!retryable);
  });

  test("of the library's own", () => {
    expect(new StatusError("CANCELLED", "x")).toMatchObject({ code: 0, advice: "" });
  });
});
