// The platform's reading, paused: it does not answer the broker's pings then, so signs of life must go
// by themselves. Only Node can pause, and there timers are not slowed down.
import { pingFrame } from "./frames.js";
import type { Transport } from "./transport.js";

export class PausedReading {
  /** In force on the connection that stands, in milliseconds; 0: none is asked for. */
  keepAliveMs = 0;

  readonly #transport: Transport;
  #signs: ReturnType<typeof setInterval> | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** No effect where the platform cannot. */
  pause(): void {
    if (!this.#transport.pauseRead() || this.keepAliveMs === 0 || this.#signs) return;
    const sign = () => this.#transport.send(pingFrame(0));
    this.#signs = setInterval(sign, this.keepAliveMs / 2);
  }

  resume(): void {
    this.onDown();
    this.#transport.resumeRead();
  }

  /** The connection is gone. */
  onDown(): void {
    clearInterval(this.#signs);
    this.#signs = undefined;
  }
}
