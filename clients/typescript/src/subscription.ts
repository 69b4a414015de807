// A program's hold on its subscriptions.
import { guarded } from "./events.js";
import type { Subscriber } from "./filter_entry.js";
import type { Message } from "./message.js";
import type { ReceiveQueue } from "./receive_queue.js";
import { StatusError } from "./status.js";
import type { Beginning, StreamStart } from "./stream_start.js";
import type { SubscriptionName } from "./subscription_name.js";

/** While it runs nothing else is received: hand long work on. */
export type MessageCallback = (message: Message) => void;

/**
 * A subscription with a callback. It lives until `unsubscribe` or the end of the client, across
 * reconnects, whether somebody holds it or not.
 */
export class Subscription {
  readonly filter: string;
  /** Empty: none. */
  readonly group: string;
  readonly #end: () => void;
  #beginning: Beginning | undefined;
  #ended = false;

  constructor(name: SubscriptionName, end: () => void) {
    this.filter = name.filter;
    this.group = name.group;
    this.#end = end;
  }

  /** Where it began in its stream; undefined: its filter is within none, or it has not begun. */
  get stream(): StreamStart | undefined {
    return this.#beginning?.stream;
  }

  /** Whether last values came first: onSnapshotEnd tells when all have come. */
  get lastValues(): boolean {
    return this.#beginning?.lastValues ?? false;
  }

  /**
   * Nothing comes to the callback any more. The broker is told without waiting for its answer: what of
   * a group is on its way here by then is lost.
   */
  unsubscribe(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end();
  }

  /** @internal */
  begin(beginning: Beginning): void {
    this.#beginning = beginning;
  }
}

/**
 * A subscription that the program reads from, with `for await` or `receive`. Several may, each message
 * goes to one of them. Whoever leaves the loop ends the subscription.
 */
export class PullSubscription extends Subscription implements AsyncIterable<Message> {
  /**
   * The broker has confirmed: from then on nothing that matches is missed while the connection stands.
   * Rejects as `subscribe` with a callback does; `receive` does then, too.
   */
  readonly confirmed: Promise<this>;
  readonly #queue: ReceiveQueue;

  constructor(
    name: SubscriptionName,
    queue: ReceiveQueue,
    end: () => void,
    confirmed: Promise<Beginning>,
  ) {
    super(name, end);
    this.#queue = queue;
    this.confirmed = confirmed.then((beginning) => {
      this.begin(beginning);
      return this;
    });
    this.confirmed.catch((reason: StatusError) => this.#queue.onEnd(reason));
  }

  /**
   * The oldest message. Rejects with DEADLINE_EXCEEDED when none came within so many milliseconds
   * (undefined: for ever); when none is left and none will come, with CANCELLED after `unsubscribe`,
   * otherwise with the reason for which the client ended.
   */
  receive(timeoutMs?: number): Promise<Message> {
    return this.#queue.receive(timeoutMs);
  }

  /** Messages waiting here. */
  get size(): number {
    return this.#queue.size;
  }

  /** Ends after `unsubscribe` and after `close` of the client; throws where `receive` rejects. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    try {
      for (;;) yield await this.#queue.receive();
    } catch (error) {
      if (!isOrderly(error)) throw error;
    } finally {
      this.unsubscribe();
    }
  }
}

function isOrderly(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  return error.kind === "CANCELLED" || (error.kind === "FAILED_PRECONDITION" && error.code === 0);
}

export class CallbackSubscriber implements Subscriber {
  readonly #callback: MessageCallback;
  #ended = false;

  constructor(callback: MessageCallback) {
    this.#callback = callback;
  }

  onMessage(message: Message): void {
    if (this.#ended) return; // by a callback before this one
    guarded(() => this.#callback(message));
  }

  onEnd(): void {
    this.#ended = true;
  }
}
