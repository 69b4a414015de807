import { describe, expect, test } from "vitest";
import type { ClientOptions } from "../../../clients/typescript/src/options.js";
import { socketOptions } from "../../../clients/typescript/src/tls.js";

class OfPages {}

class OfWs {
  terminate(): void {}
}

const ALWAYS = { minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] };

function of(options: ClientOptions, url = "wss://h", webSocket: new () => unknown = OfWs) {
  return socketOptions(url, webSocket, options);
}

describe("options of TLS", () => {
  test("in the words of ws", () => {
    const bytes = new Uint8Array(1);
    const tls = { ca: [bytes, "a"], serverName: "b.example", cert: "c", key: bytes, verify: false };
    expect(of({ tls })).toEqual({
      ...ALWAYS,
      ca: [bytes, "a"],
      servername: "b.example",
      cert: "c",
      key: bytes,
      rejectUnauthorized: false,
    });
  });

  test("left out, ws does as it does: it verifies", () => {
    expect(of({})).toEqual(ALWAYS);
    expect(of({ tls: { ca: undefined, verify: undefined } })).toEqual(ALWAYS);
    expect(of({}, "WSS://h")).toEqual(ALWAYS);
    expect(of({}, "ws://h")).toEqual({});
    expect(of({}, "wss://h", OfPages)).toEqual(ALWAYS); // which looks at none
  });

  test("a browser's own class takes none", () => {
    const { WebSocket: own } = globalThis as { WebSocket?: unknown }; // Node 20 has none
    const webSocket = (own ?? OfPages) as typeof OfPages;
    expect(() => of({ tls: { verify: false } }, "wss://h", webSocket)).toThrow("platform decides");
  });

  test("beside others, of which they count more", () => {
    const webSocketOptions = { headers: { a: "b" }, ca: "of these", minVersion: "TLSv1.3" };
    const merged = { headers: { a: "b" }, ca: "c", minVersion: "TLSv1.3" };
    expect(of({ webSocketOptions, tls: { ca: "c" } })).toMatchObject(merged);
    expect(of({ webSocketOptions }, "ws://h")).toEqual(webSocketOptions);
  });

  test.each([
    ["ws://h", OfWs, { verify: true }, "the options tls want an address wss://HOST:PORT"],
    ["ws://h", OfWs, { serverName: "b" }, "the options tls want an address wss://HOST:PORT"],
    ["wss://h", OfPages, { ca: "a" }, "the options tls want the class of `ws`"],
    ["wss://h", OfPages, { verify: false }, "the options tls want the class of `ws`"],
    ["wss://h", OfWs, { cert: "c" }, "belong together"],
    ["wss://h", OfWs, { key: "k" }, "belong together"],
  ])("refused: %s with %o and %o", (url, webSocket, tls, why) => {
    const refused = expect.objectContaining({
      kind: "INVALID_ARGUMENT",
      message: expect.stringContaining(why) as string,
    }) as Error;
    expect(() => of({ tls }, url, webSocket)).toThrow(refused);
  });
});
