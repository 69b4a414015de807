import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HttpAnswer } from "../../../clients/typescript/src/connect_failure.js";
import type { BrokerError, StatusError } from "../../../clients/typescript/src/status.js";
import {
  closeOf,
  defaultAddress,
  urlOf,
  WebSocketTransport,
} from "../../../clients/typescript/src/websocket_transport.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A WebSocket that a test plays the other side of. */
class FakeSocket {
  static made: FakeSocket[] = [];
  binaryType = "";
  readyState = 0;
  bufferedAmount = 0;
  protocol = "esockets.v1";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message?: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly did: string[] = [];

  constructor(
    readonly url: string,
    readonly protocols: string,
    readonly options?: unknown,
  ) {
    if (url.includes("[")) throw new SyntaxError("no address");
    FakeSocket.made.push(this);
  }
  send(data: Uint8Array): void {
    this.did.push(`send ${data.length}`);
  }
  close(): void {
    this.did.push("close");
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
}

class NodeSocket extends FakeSocket {
  onAnswer: (request: unknown, answer: HttpAnswer) => void = () => {};
  on(_event: string, listener: NodeSocket["onAnswer"]): void {
    this.onAnswer = listener;
  }
  /** An answer that is no WebSocket, to its end. */
  answer(statusCode: number, text: string): void {
    const answer = Object.assign(new EventEmitter(), { statusCode, setEncoding: () => {} });
    this.onAnswer(undefined, answer as unknown as HttpAnswer);
    answer.emit("data", text);
    answer.emit("close");
  }
  terminate(): void {
    this.did.push("terminate");
  }
  pause(): void {
    this.did.push("pause");
  }
  resume(): void {
    this.did.push("resume");
  }
}

function dial(address = "h:1", socketClass: typeof FakeSocket = FakeSocket) {
  const told: string[] = [];
  const transport = new WebSocketTransport(address, socketClass);
  transport.listener = {
    onUp: () => told.push("up"),
    onBytes: (bytes) => told.push(`bytes ${bytes.length}`),
    onUncongested: () => told.push("uncongested"),
    onDown: (reason: StatusError, retryable: boolean, close?: BrokerError) =>
      told.push(
        `${retryable ? "down" : "over"} ${reason.kind} ${close?.code ?? 0} ${reason.message}`,
      ),
  };
  transport.dial();
  return { transport, told, socket: FakeSocket.made.at(-1)! };
}

describe("WebSocket transport", () => {
  test("addresses", () => {
    expect(urlOf("127.0.0.1:1234")).toBe("ws://127.0.0.1:1234");
    expect(urlOf("wss://host/path")).toBe("wss://host/path");
    expect(defaultAddress("https://host:8443")).toBe("wss://host:8443");
    expect(defaultAddress("http://host")).toBe("ws://host");
    for (const noServer of [undefined, "null", "file://"]) {
      expect(defaultAddress(noServer)).toBe("ws://127.0.0.1:1234");
    }
  });

  test("does not compress, unless it is told to", () => {
    expect(dial().socket.options).toEqual({ perMessageDeflate: false });
    const wish = { perMessageDeflate: true, ca: "x" };
    const transport = new WebSocketTransport("h:1", FakeSocket, wish);
    transport.dial();
    expect(FakeSocket.made.at(-1)).toMatchObject({ url: "ws://h:1", options: wish });
  });

  test("bytes there and back", () => {
    const { transport, told, socket } = dial();
    expect(socket).toMatchObject({
      url: "ws://h:1",
      protocols: "esockets.v1",
      binaryType: "arraybuffer",
    });
    transport.send(new Uint8Array(1)); // not yet
    socket.open();
    transport.send(new Uint8Array(2));
    socket.onmessage!({ data: new ArrayBuffer(3) });
    socket.onmessage!({ data: "text" });
    expect(socket.did).toEqual(["send 2"]);
    expect(told).toEqual(["up", "bytes 3"]);
  });

  test("its end, and why", () => {
    const { told, socket } = dial();
    socket.onerror!({ message: "refused" });
    socket.onclose!({ code: 1006, reason: "" });
    const coded = dial();
    coded.socket.onclose!({ code: 4231, reason: "taken over" });
    expect(told).toEqual(["down UNAVAILABLE 0 no connection to ws://h:1: refused"]);
    expect(coded.told).toEqual(["over FAILED_PRECONDITION 231 code 231: taken over"]);
  });

  test("refused in HTTP: it says what was said", () => {
    const { transport, told, socket } = dial("h:1", NodeSocket);
    (socket as NodeSocket).answer(403, "403 Forbidden: not you");
    expect(socket.did).toEqual(["terminate"]);
    socket.onerror!({ message: "closed before the connection was established" });
    socket.onclose!({ code: 1006, reason: "" });
    expect(told).toEqual([
      "down UNAVAILABLE 0 no connection to ws://h:1: HTTP 403 Forbidden: not you",
    ]);
    transport.dial();
    (socket as NodeSocket).answer(403, "too late"); // the attempt is another
    FakeSocket.made.at(-1)!.onclose!({ code: 1006, reason: "" });
    expect(told.at(-1)).toContain("code 1006");
  });

  test("options that no connection can begin with are the end", () => {
    const { told, socket } = dial();
    const error = { code: "ERR_OSSL_PEM_NO_START_LINE" };
    socket.onerror!({ message: "no start line", error } as { message: string });
    socket.onclose!({ code: 1006, reason: "" });
    expect(told).toEqual([
      "over INVALID_ARGUMENT 0 no connection to ws://h:1: the options tls: no start line",
    ]);
  });

  test.each([1002, 1003, 1007, 1009])("code %d is a mistake of ours: the end", (code) => {
    const { told, socket } = dial();
    socket.onclose!({ code, reason: "no" });
    expect(told).toEqual(["over FAILED_PRECONDITION 0 no connection to ws://h:1: no"]);
  });

  test("a server that speaks something else is not spoken to", () => {
    const { told, socket } = dial();
    socket.protocol = "";
    socket.open();
    expect(socket.did).toEqual(["close"]);
    expect(told).toEqual(["down UNAVAILABLE 0 ws://h:1 does not speak esockets.v1"]);
  });

  test("an address that is none", async () => {
    const { told } = dial("ws://[");
    expect(told).toEqual([]); // not within the call
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["over INVALID_ARGUMENT 0 ws://[: SyntaxError: no address"]);
  });

  test("dropped, it says nothing any more", () => {
    const { transport, told, socket } = dial("h:1", NodeSocket);
    transport.drop(false);
    transport.drop(false);
    socket.onerror!({ message: "given up" });
    expect([socket.onopen, socket.onclose]).toEqual([null, null]);
    expect(socket.did).toEqual(["terminate"]);
    const polite = dial("h:1", NodeSocket);
    polite.transport.drop(true);
    expect(polite.socket.did).toEqual(["close"]);
    const page = dial();
    page.transport.drop(false); // there is no other way in a page
    expect(page.socket.did).toEqual(["close"]);
    expect(told).toEqual([]);
  });

  test("congested, until it is not", () => {
    const { transport, told, socket } = dial();
    expect(transport.congested).toBe(true);
    socket.open();
    expect(transport.congested).toBe(false);
    socket.bufferedAmount = 2 << 20;
    expect(transport.congested).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(["up"]);
    socket.bufferedAmount = 0;
    vi.advanceTimersByTime(10);
    expect(told).toEqual(["up", "uncongested"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("pauses where the platform can", () => {
    const page = dial();
    expect(page.transport.pauseRead()).toBe(false);
    const { transport, socket } = dial("h:1", NodeSocket);
    expect(transport.pauseRead()).toBe(true);
    transport.resumeRead();
    expect(socket.did).toEqual(["pause", "resume"]);
  });

  test.each([
    [1000, undefined],
    [4000, undefined],
    [4199, undefined],
    [4200, true],
    [4230, false],
    [4250, true],
    [4300, undefined],
  ])("code %d of a WebSocket", (code, retryable) => {
    expect(closeOf(code, "why")?.retryable).toBe(retryable);
  });
});
