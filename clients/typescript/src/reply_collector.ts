// The replies to one request, until there are enough of them, or its time is over, or it fails.
import type { Message } from "./message.js";
import { StatusError } from "./status.js";

export class ReplyCollector {
  readonly #repliesMax: number;
  readonly #resolve: (replies: Message[]) => void;
  readonly #reject: (error: StatusError) => void;
  readonly #replies: Message[] = [];
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `repliesMax` 0: all that come in time. One of the other two is called, once. */
  constructor(
    repliesMax: number,
    resolve: (replies: Message[]) => void,
    reject: (error: StatusError) => void,
  ) {
    this.#repliesMax = repliesMax;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Ends with what has come by then; `onEnd` is told before who asked. */
  endAfter(timeoutMs: number, onEnd: () => void): void {
    this.#timer = setTimeout(() => {
      onEnd();
      this.onTimeout();
    }, timeoutMs);
  }

  // Each has no effect once it has ended.

  onReply(reply: Message): void {
    if (this.#ended) return;
    this.#replies.push(reply);
    if (this.#replies.length === this.#repliesMax) this.#end(() => this.#resolve(this.#replies));
  }

  onTimeout(): void {
    if (this.#replies.length > 0) return this.#end(() => this.#resolve(this.#replies));
    this.fail(new StatusError("DEADLINE_EXCEEDED", "no answer in time"));
  }

  fail(reason: StatusError): void {
    this.#end(() => this.#reject(reason));
  }

  #end(tell: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    tell();
  }
}
