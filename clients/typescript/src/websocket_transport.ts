// A WebSocket as transport. The messages' payloads, one after the other, are the stream of bytes.
import { type ConnectFailure, failureOf, readAnswer, type SocketError } from "./connect_failure.js";
import { CONGESTED_BYTES, CONGESTION_LOOK_MS } from "./limits.js";
import { type BrokerError, isFinalCode, StatusError, toStatus, unavailable } from "./status.js";
import { CLIENT_DEFAULTS } from "./options.js";
import type { Transport, TransportListener, WebSocketClass, WebSocketLike } from "./transport.js";

export const SUBPROTOCOL = "esockets.v1";

const OPEN = 1;
/** Protocol error, no binary message, text that is none, a message too big: trying again is no use. */
const OUR_MISTAKES = [1002, 1003, 1007, 1009];
/** Behind it in a WebSocket's close codes are the broker's own, 200 to 299. */
const CLOSE_CODES_AT = 4000;

/** "127.0.0.1:1234" is "ws://127.0.0.1:1234". */
export function urlOf(address: string): string {
  return address.includes("://") ? address : `ws://${address}`;
}

/** `origin`: of a page. One of a file has none that could be called. */
export function defaultAddress(origin: string | undefined): string {
  return origin?.startsWith("http") ? origin.replace("http", "ws") : CLIENT_DEFAULTS.address;
}

/** What the broker said by the code of a WebSocket's end; undefined: it is none of the broker's. */
export function closeOf(code: number, text: string): BrokerError | undefined {
  const own = code - CLOSE_CODES_AT;
  if (own < 200 || own > 299) return undefined;
  const retryable = !isFinalCode(own);
  return { code: own, text, detail: "", retryable, retryAfterMs: 0, advice: "" };
}

export class WebSocketTransport implements Transport {
  listener!: TransportListener;

  readonly #url: string;
  readonly #class: WebSocketClass;
  readonly #options: Record<string, unknown>;
  #socket: WebSocketLike | undefined;
  #failure: ConnectFailure | undefined; // the first that the socket has told
  #lookTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(address: string, webSocket: WebSocketClass, options?: Record<string, unknown>) {
    this.#url = urlOf(address);
    this.#class = webSocket;
    this.#options = { perMessageDeflate: false, ...options };
  }

  dial(): void {
    this.#failure = undefined;
    let socket: WebSocketLike;
    try {
      socket = this.#socket = new this.#class(
        this.#url,
        SUBPROTOCOL,
        this.#options,
      ) as WebSocketLike;
    } catch (error) {
      // Not an address, or one that a page must not call: no later attempt will do better.
      const reason = new StatusError("INVALID_ARGUMENT", `${this.#url}: ${String(error)}`);
      queueMicrotask(() => this.listener.onDown(reason, false));
      return;
    }
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#onOpen(socket);
    socket.onmessage = (event: { data: unknown }) => this.#onMessage(event.data);
    socket.onerror = (event: SocketError) => {
      this.#failure ??= failureOf(event);
    };
    socket.onclose = (event: { code: number; reason: string }) => this.#onClose(event);
    socket.on?.("unexpected-response", (_request, answer) => {
      readAnswer(answer, (text) => this.#onRefused(socket, text));
    });
  }

  #onOpen(socket: WebSocketLike): void {
    if (socket.protocol === SUBPROTOCOL) return this.listener.onUp();
    this.drop(true);
    this.listener.onDown(unavailable(`${this.#url} does not speak ${SUBPROTOCOL}`), true);
  }

  #onRefused(socket: WebSocketLike, text: string): void {
    if (socket !== this.#socket) return;
    this.#failure ??= { text, isOurMistake: false };
    socket.terminate?.(); // onclose follows
  }

  #onMessage(data: unknown): void {
    // Text, and whatever else is no bytes, is left out: what follows tells that it is not the protocol.
    if (data instanceof ArrayBuffer) this.listener.onBytes(new Uint8Array(data));
  }

  #onClose({ code, reason }: { code: number; reason: string }): void {
    this.#forget();
    const close = closeOf(code, reason);
    const why = reason || this.#failure?.text || `code ${code} of the WebSocket`;
    if (close) return this.listener.onDown(toStatus(close), close.retryable, close);
    const text = `no connection to ${this.#url}: ${why}`;
    if (this.#failure?.isOurMistake) {
      return this.listener.onDown(new StatusError("INVALID_ARGUMENT", text), false);
    }
    if (!OUR_MISTAKES.includes(code)) return this.listener.onDown(unavailable(text), true);
    this.listener.onDown(new StatusError("FAILED_PRECONDITION", text), false);
  }

  #forget(): void {
    clearTimeout(this.#lookTimer);
    this.#lookTimer = undefined;
    this.#socket = undefined;
  }

  drop(politely: boolean): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#forget();
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {}; // of an attempt that is given up
    if (politely || !socket.terminate) socket.close();
    else socket.terminate();
  }

  send(frames: Uint8Array): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(frames);
  }

  get congested(): boolean {
    const socket = this.#socket;
    if (!socket || socket.readyState !== OPEN) return true;
    if (socket.bufferedAmount < CONGESTED_BYTES) return false;
    this.#lookTimer ??= setTimeout(() => this.#look(), CONGESTION_LOOK_MS);
    return true;
  }

  #look(): void {
    this.#lookTimer = undefined;
    if (!this.congested) this.listener.onUncongested();
  }

  pauseRead(): boolean {
    if (!this.#socket?.pause) return false;
    this.#socket.pause();
    return true;
  }

  resumeRead(): void {
    this.#socket?.resume?.();
  }
}
