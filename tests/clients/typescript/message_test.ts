import { describe, expect, test } from "vitest";
import { ERROR_HEADER, errorIn, Message } from "../../../clients/typescript/src/message.js";

function messageWith(payload: string | Uint8Array, headers: [string, string][] = []): Message {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return Object.assign(new Message(), { payload: bytes, headers });
}

describe("message", () => {
  test("as text", () => {
    expect(messageWith("grüß").text()).toBe("grüß");
    expect(messageWith(Uint8Array.of(0x61, 0xff)).text()).toBe("a\ufffd");
    expect(new Message().text()).toBe("");
  });

  test("as JSON", () => {
    expect(messageWith('{"a": [1]}').json()).toEqual({ a: [1] });
    expect(() => messageWith("{").json()).toThrow(SyntaxError);
  });

  test("what another could not do", () => {
    expect(
      errorIn(
        messageWith("", [
          ["a", "b"],
          [ERROR_HEADER, "no paper"],
        ]),
      ),
    ).toBe("no paper");
    expect(errorIn(messageWith("", [[ERROR_HEADER, ""]]))).toBe("");
    expect(errorIn(messageWith("", [["a", "b"]]))).toBeUndefined();
  });
});
