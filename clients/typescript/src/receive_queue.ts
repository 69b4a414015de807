// The messages of an iterator on their way to the program: bounded by pausing the connection, never by
// dropping.
import type { Subscriber } from "./filter_entry.js";
import type { Message } from "./message.js";
import { StatusError } from "./status.js";

interface Waiter {
  resolve(message: Message): void;
  reject(reason: StatusError): void;
}

export class ReceiveQueue implements Subscriber {
  readonly #messagesMax: number;
  readonly #pause: () => void;
  readonly #resume: () => void;
  #messages: Message[] = [];
  #head = 0; // of #messages
  #waiters: Waiter[] = [];
  #paused = false;
  #end: StatusError | undefined;

  /**
   * `pause` is called when the queue has become full; `resume` once for each pause, when it is half
   * empty again or has ended.
   */
  constructor(messagesMax: number, pause: () => void, resume: () => void) {
    this.#messagesMax = Math.max(messagesMax, 1);
    this.#pause = pause;
    this.#resume = resume;
  }

  get size(): number {
    return this.#messages.length - this.#head;
  }

  onMessage(message: Message): void {
    const waiter = this.#waiters.shift();
    if (waiter) return waiter.resolve(message);
    this.#messages.push(message);
    if (this.#paused || this.size < this.#messagesMax) return;
    this.#paused = true;
    this.#pause();
  }

  onEnd(reason: StatusError): void {
    this.#end ??= reason;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
    this.#resumeIfPaused();
  }

  /**
   * The oldest. Rejects with DEADLINE_EXCEEDED when none came within so many milliseconds (undefined:
   * for ever); when it is empty and has ended, with the reason.
   */
  receive(timeoutMs?: number): Promise<Message> {
    if (this.size > 0) return Promise.resolve(this.#pop());
    if (this.#end) return Promise.reject(this.#end);
    if (timeoutMs === undefined) return this.#next();
    const late = new StatusError("DEADLINE_EXCEEDED", "no message in time");
    if (timeoutMs <= 0) return Promise.reject(late);
    return this.#nextWithin(timeoutMs, late);
  }

  #pop(): Message {
    const message = this.#messages[this.#head++]!;
    if (this.#head === this.#messages.length) {
      this.#messages = [];
      this.#head = 0;
    } else if (this.#head > this.#messagesMax) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
    if (this.size <= this.#messagesMax / 2) this.#resumeIfPaused();
    return message;
  }

  #next(): Promise<Message> {
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  #nextWithin(timeoutMs: number, late: StatusError): Promise<Message> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        reject: (reason) => {
          clearTimeout(timer);
          reject(reason);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(late);
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  #resumeIfPaused(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resume();
  }
}
