// The token that a client shows: where the program gives it by a function, a fresh one for each
// connection, and another over the connection that stands, before the one shown there expires.
import { Backoff } from "./backoff.js";
import { type ClientEvents, guarded } from "./events.js";
import { refreshFrame } from "./frames.js";
import { REFRESH_INTERVAL_MS_MIN, TIMER_MS_MAX } from "./limits.js";
import type { FullOptions } from "./options.js";
import { CREDENTIALS_EXPIRED_CODE, StatusError, unavailable } from "./status.js";
import type { Transport } from "./transport.js";

/** Of the time that is left, what is let pass before a fresh one is asked for. */
const DUE_AFTER = 4 / 5;

export class TokenRefresher {
  readonly #token: FullOptions["token"];
  readonly #transport: Transport;
  readonly #events: ClientEvents;
  readonly #backoff: Backoff;

  #timer: ReturnType<typeof setTimeout> | undefined; // until the next one is to be asked for
  #sentAt: number | undefined; // of the Refresh that is not answered yet
  #stops = 0; // a token that was asked for before the last one comes too late

  constructor(transport: Transport, options: FullOptions, events: ClientEvents) {
    this.#transport = transport;
    this.#token = options.token;
    this.#events = events;
    const { backoffMinMs, backoffMaxMs, dice } = options;
    this.#backoff = new Backoff(backoffMinMs, backoffMaxMs, dice);
  }

  /**
   * For a Connect; or why the program's function gave none. It is left alone, and the token empty, when
   * there is a ticket that stands for it.
   */
  async token(hasTicket = false): Promise<string | StatusError> {
    const token = this.#token;
    if (typeof token !== "function") return token;
    try {
      return hasTicket ? "" : await token();
    } catch (error) {
      return unavailable(`no token: ${String(error)}`);
    }
  }

  /** The broker's ending is not retryable, but with a fresh token it is. */
  mayRetry({ code }: StatusError): boolean {
    return code === CREDENTIALS_EXPIRED_CODE && typeof this.#token === "function";
  }

  /** A connection stands, whose credentials expire in so many milliseconds; 0: they do not. */
  onUp(expireInMs: number): void {
    this.#onAccepted(expireInMs, expireInMs * DUE_AFTER);
  }

  /** The connection is gone, or the client is about to leave it: nothing more is sent over it. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#sentAt = undefined;
    ++this.#stops;
  }

  onRefreshed(expireInMs: number): void {
    if (this.#sentAt === undefined) return;
    // Who does not receive reads the answer late: what has passed since counts.
    const dueInMs = expireInMs * DUE_AFTER - (performance.now() - this.#sentAt);
    this.#onAccepted(expireInMs, Math.max(dueInMs, REFRESH_INTERVAL_MS_MIN));
  }

  #onAccepted(expireInMs: number, dueInMs: number): void {
    this.stop();
    this.#backoff.reset();
    if (expireInMs > 0 && typeof this.#token === "function") this.#askIn(dueInMs);
  }

  /** The broker took none: the old one counts on. */
  onRefused(): void {
    if (this.#sentAt !== undefined) this.#askLater();
  }

  #askLater(): void {
    this.stop();
    this.#askIn(Math.max(this.#backoff.next(), REFRESH_INTERVAL_MS_MIN));
  }

  #askIn(waitMs: number): void {
    const restMs = waitMs - TIMER_MS_MAX;
    const due = () => (restMs > 0 ? this.#askIn(restMs) : void this.#ask());
    this.#timer = setTimeout(due, Math.min(waitMs, TIMER_MS_MAX));
  }

  async #ask(): Promise<void> {
    const stops = this.#stops;
    const outcome = await this.token();
    if (stops !== this.#stops) return;
    if (outcome instanceof StatusError) {
      this.#askLater();
      guarded(() => this.#events.onError?.(outcome));
    } else {
      this.#sentAt = performance.now();
      this.#transport.send(refreshFrame(outcome));
    }
  }
}
