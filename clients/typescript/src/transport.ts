// What a session needs of the network: bytes there and back, over one connection at a time.
import type { HttpAnswer } from "./connect_failure.js";
import type { BrokerError, StatusError } from "./status.js";

/** What this library uses of a WebSocket: that of a browser, or of the package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** Those that only some have. */
  terminate?(): void;
  pause?(): void;
  resume?(): void;
  on?(event: "unexpected-response", listener: (request: unknown, answer: HttpAnswer) => void): void;
}

/** Each platform has types of its own for what its events bring. */
export type WebSocketClass = new (url: string, protocols: string, options?: any) => any;

export interface TransportListener {
  /** The connection stands. */
  onUp(): void;
  /** Input. */
  onBytes(bytes: Uint8Array): void;
  /** It was congested, and is not any more. */
  onUncongested(): void;
  /**
   * It could not be made, or it ended. It is gone. `close`: what the broker said of it otherwise than
   * in a frame.
   */
  onDown(reason: StatusError, retryable: boolean, close?: BrokerError): void;
}

/** The listener is never called from within these. */
export interface Transport {
  listener: TransportListener;

  /** Begins a connection; onUp or onDown follows. REQUIRES: there is none. */
  dial(): void;
  /**
   * Forgets the connection, or the attempt, at once; no call follows. No effect when there is none.
   * `politely`: the other side is there, and ends it as well.
   */
  drop(politely: boolean): void;

  /** Whole frames. */
  send(frames: Uint8Array): void;
  /** More is queued than the socket takes at the moment, or there is none. */
  readonly congested: boolean;

  /** Not counted. False: this platform cannot. A new connection reads. */
  pauseRead(): boolean;
  resumeRead(): void;
}
