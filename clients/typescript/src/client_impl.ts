// Inside of Client: what it is made of, and how a call becomes a frame and its answer a result.
import type { Answer } from "./delivery.js";
import type { ClientEvents, State } from "./events.js";
import { Subscribed, type Subscriber } from "./filter_entry.js";
import { connectFrame, NO_OPTIONS, pingFrame, publishFrame, subscribeFrame } from "./frames.js";
import { FRAME_BYTES_MAX_BEFORE_CONNECTED, MESSAGE_ID_BYTES_MAX } from "./limits.js";
import { CLIENT_DEFAULTS } from "./options.js";
import type { ClientOptions, FullOptions, Payload } from "./options.js";
import type { PublishOptions, SubscribeOptions } from "./options.js";
import { type Added, OutgoingBuffer, type Write } from "./outgoing_buffer.js";
import type { PendingRequest } from "./pending_requests.js";
import { PresenceWatchers } from "./presence_watchers.js";
import { Session } from "./session.js";
import { StatusError } from "./status.js";
import { checkSubscribe, invalid } from "./subscribe_rules.js";
import type { Beginning } from "./stream_start.js";
import type { SubscriptionName } from "./subscription_name.js";
import { checkTopic } from "./topic.js";
import type { Transport } from "./transport.js";
import { toBytes } from "./wire.js";
import { onWake } from "./wake.js";

/** Bytes of a Publish beside its topic and payload, about: of what waits for room. */
const FRAME_OVERHEAD_BYTES = 64;

export class ClientImpl {
  readonly options: FullOptions;
  readonly outgoing: OutgoingBuffer;
  readonly session: Session;
  readonly watchers = new PresenceWatchers();
  state: State = "connecting";
  /** Why the last connection failed or ended. */
  reason: StatusError | undefined;
  /** Of "closed". */
  endReason: StatusError | undefined;

  #subscriberIds = 0;
  #stateWaiters: (() => void)[] = [];
  #stopWaking: () => void;
  #checkedTopic: string | undefined; // the last one that was

  constructor(options: ClientOptions, events: ClientEvents, transport: Transport) {
    this.options = withDefaults(options);
    connectFrame(this.options, ""); // throws of what is no number
    const { outgoingBytesMax, whenFull } = this.options;
    this.outgoing = new OutgoingBuffer(outgoingBytesMax, whenFull, () =>
      // What is published in one go leaves in one piece.
      queueMicrotask(() => this.session.drain()),
    );
    this.session = new Session(transport, this.outgoing, this.options, this.#withOurs(events));
    this.#stopWaking = onWake((isNetworkBack) => this.session.wake(isNetworkBack));
  }

  #withOurs(events: ClientEvents): ClientEvents {
    return {
      ...bound(events),
      onStateChange: (state, reason) => {
        this.#onStateChange(state, reason);
        events.onStateChange?.(state, reason);
      },
      onGap: (gap) => {
        if (!this.watchers.onGap(gap.filter)) events.onGap?.(gap);
      },
    };
  }

  #onStateChange(state: State, reason: StatusError | undefined): void {
    this.state = state;
    if (reason) this.reason = reason;
    if (state === "closed") {
      this.endReason = reason;
      this.#stopWaking();
    }
    if (state === "connected") this.watchers.onConnected();
    for (const waiter of this.#stateWaiters.splice(0)) waiter();
  }

  /** Resolves when it holds, looking at each change of the state; false: it did not in time. */
  async waitUntil(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLate = false;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        isLate = true;
        resolve();
      }, timeoutMs);
    });
    while (!isLate && !holds()) {
      const changed = new Promise<void>((resolve) => this.#stateWaiters.push(resolve));
      await Promise.race([late, changed]);
    }
    clearTimeout(timer);
    return holds();
  }

  /** Resolves when the first attempt has succeeded; otherwise rejects with its failure. */
  async waitUntilConnected(timeoutMs: number): Promise<void> {
    const hasTried = () => this.state === "connected" || this.state === "closed" || !!this.reason;
    await this.waitUntil(hasTried, timeoutMs);
    if (this.state === "connected") return;
    const late = `no answer from ${this.options.address} in time`;
    throw this.reason ?? new StatusError("DEADLINE_EXCEEDED", late);
  }

  // --- publishing --------------------------------------------------------------------------------

  /** Throws INVALID_ARGUMENT of what the broker would refuse. */
  check(topic: string, options: PublishOptions): void {
    if (topic !== this.#checkedTopic) {
      const why = checkTopic(topic);
      if (why) throw invalid("topic", why);
      this.#checkedTopic = topic;
    }
    if (options === NO_OPTIONS) return;
    if (toBytes(options.messageId).length > MESSAGE_ID_BYTES_MAX) {
      throw invalid("messageId", "too long");
    }
  }

  /** Throws as `check` does, also of more than a frame may hold. */
  frame(topic: string, payload: Payload, options: PublishOptions, id: number, confirmMs = 0) {
    const frame = publishFrame(topic, payload, options, { id, confirmMs });
    const limit = this.session.limits?.frameBytesMax || FRAME_BYTES_MAX_BEFORE_CONNECTED;
    if (frame.length <= limit) return frame;
    const why = `the message's frame has ${frame.length} bytes; the broker takes at most ${limit}`;
    throw new StatusError("INVALID_ARGUMENT", why);
  }

  /** Adds a frame of about so many bytes that is answered, as soon as `whenFull` says so. */
  async addRequest(topic: string, payload: Payload, write: Write): Promise<Added> {
    const bytes = topic.length + payload.length + FRAME_OVERHEAD_BYTES;
    if (this.options.whenFull !== "block") return this.outgoing.addRequest(bytes, write);
    await this.outgoing.waitForRoom(bytes);
    return this.outgoing.addControl(write);
  }

  /** Publishes, and waits for the answer. */
  async publishAndWait(
    topic: string,
    payload: Payload,
    options: PublishOptions,
    confirmMs: number,
    timeoutMs: number,
  ): Promise<Answer> {
    this.check(topic, options);
    const write: Write = (id) => this.frame(topic, payload, options, id, confirmMs);
    return this.answerTo(await this.addRequest(topic, payload, write), timeoutMs);
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.answerTo(this.outgoing.addControl(pingFrame), timeoutMs);
  }

  /** Rejects with DEADLINE_EXCEEDED, the broker's refusal, or the reason why the connection broke. */
  answerTo({ id, endOffset }: Added, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.session.requests.forget(id);
        reject(new StatusError("DEADLINE_EXCEEDED", "no answer in time"));
      }, timeoutMs);
      const done: PendingRequest["done"] = (outcome) => {
        clearTimeout(timer);
        if (outcome instanceof StatusError) reject(outcome);
        else resolve(outcome);
      };
      this.session.requests.add({ id, endOffset, done });
    });
  }

  // --- subscribing -------------------------------------------------------------------------------

  /** Resolves when the broker has confirmed. `end` of the result ends the subscription. */
  subscribe(filter: string, options: SubscribeOptions, subscriber: Subscriber): Standing {
    const name = { filter, group: options.group ?? "" };
    const id = ++this.#subscriberIds;
    const end = () => this.session.unsubscribe(name, id);
    return {
      name,
      end,
      confirmed: this.#confirmed(filter, options, new Subscribed(id, subscriber), end),
    };
  }

  async #confirmed(
    filter: string,
    options: SubscribeOptions,
    subscribed: Subscribed,
    end: () => void,
  ): Promise<Beginning> {
    const refused = checkSubscribe(filter, options);
    if (refused) throw refused;
    subscribeFrame(filter, options, 0); // throws of what is no number
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new StatusError("DEADLINE_EXCEEDED", "no answer in time"));
        end();
      }, this.options.requestTimeoutMs);
      this.session.subscribe(filter, options, subscribed, (outcome) => {
        clearTimeout(timer);
        if (outcome instanceof StatusError) reject(outcome);
        else resolve(outcome);
      });
    });
  }
}

export interface Standing {
  name: SubscriptionName;
  confirmed: Promise<Beginning>;
  end: () => void;
}

/** Of those left out, and of those that are undefined. */
function withDefaults(options: ClientOptions): FullOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...CLIENT_DEFAULTS, ...(Object.fromEntries(given) as ClientOptions) } as FullOptions;
}

/** Events may be an object with methods of its own class. */
function bound(events: ClientEvents): ClientEvents {
  return {
    onSnapshotEnd: (filter) => events.onSnapshotEnd?.(filter),
    onResumed: (resumed) => events.onResumed?.(resumed),
    onClose: (close) => events.onClose?.(close),
    onGoAway: (goAway) => events.onGoAway?.(goAway),
    onError: (error) => events.onError?.(error),
  };
}
