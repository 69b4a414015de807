// What stands for a client's credentials when it comes back: the broker tells it, and takes it once.
import type { FullOptions } from "./options.js";
import {
  CREDENTIALS_EXPIRED_CODE,
  CREDENTIALS_REVOKED_CODE,
  NOT_AUTHENTICATED_CODE,
} from "./status.js";
import { NO_BYTES } from "./wire.js";

/**
 * The last one that a client was told, across its connections. A secret as a password is: no text and
 * no event has it.
 */
export class Ticket {
  #bytes = NO_BYTES;
  #shownAlone = false; // by the last Connect

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /**
   * For `resume` of a Connect with these credentials; `token`: instead of the options'. Empty: there
   * is none.
   */
  show({ user, password }: FullOptions, token: string): Uint8Array {
    this.#shownAlone = !this.isEmpty && !token && !user && !password;
    return this.#bytes;
  }

  /** `ticket`: of the frame. */
  onConnected(ticket: Uint8Array): void {
    this.#bytes = ticket.slice(); // it lies within what was received with it
  }

  /** `ticket`: of the frame. */
  onGoAway(ticket: Uint8Array): void {
    if (ticket.length > 0) this.onConnected(ticket);
  }

  /**
   * True: the broker did not take it and was shown nothing else, so that a Connect without it is worth
   * an attempt.
   */
  onClose(code: number): boolean {
    const isRefused = code === NOT_AUTHENTICATED_CODE && this.#shownAlone;
    const isVoid = code === CREDENTIALS_EXPIRED_CODE || code === CREDENTIALS_REVOKED_CODE;
    if (isRefused || isVoid) this.#bytes = NO_BYTES;
    return isRefused;
  }
}
