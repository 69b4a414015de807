// A client's subscriptions, as the program made them and as the broker confirmed them.
import { Dispatcher } from "./dispatcher.js";
import type { Subscribed } from "./filter_entry.js";
import { subscribeFrame, unsubscribeFrame } from "./frames.js";
import type { Message } from "./message.js";
import type { SubscribeOptions } from "./options.js";
import { BUFFERED_IDS_AFTER, type OutgoingBuffer, type Write } from "./outgoing_buffer.js";
import type { Done } from "./pending_requests.js";
import { planResumptions } from "./resumption.js";
import { StatusError } from "./status.js";
import type { Beginning, StreamStart } from "./stream_start.js";
import type { SubscriptionName } from "./subscription_name.js";

export type OnError = (error: StatusError) => void;
export type OnResumed = (resumed: StreamStart) => void;

interface Asked {
  name: SubscriptionName;
  /** 0: for all that have this name. */
  subscriberId: number;
  /** Another answer says where it begins. */
  rides: boolean;
  riders: SubscriptionName[];
}

/**
 * What is asked while a connection stands goes into the outgoing buffer, behind what was published
 * before.
 */
export class SubscriptionSet {
  readonly #outgoing: OutgoingBuffer;
  readonly #dispatcher = new Dispatcher();
  readonly #asked = new Map<number, Asked>(); // by request id
  readonly #waiting = new Map<number, Done<Beginning>>(); // by subscriber id
  #up = false;
  #unanswered = 0; // of what `onUp` has asked

  constructor(outgoing: OutgoingBuffer) {
    this.#outgoing = outgoing;
  }

  /**
   * `done` is called once: confirmed, refused, or the client has ended. While there is no connection
   * it waits for one. ALREADY_EXISTS: the client is in this group, with a filter that has topics in
   * common.
   */
  add(filter: string, options: SubscribeOptions, subscribed: Subscribed, done: Done<Beginning>) {
    const name = { filter, group: options.group ?? "" };
    if (this.#isTaken(name)) {
      const why = "this client is in the group already, with a filter that has topics in common";
      const taken = new StatusError("ALREADY_EXISTS", why);
      subscribed.subscriber.onEnd(taken);
      return done(taken);
    }
    this.#dispatcher.add(filter, options, subscribed);
    this.#waiting.set(subscribed.id, done);
    if (!this.#up) return;
    if (options.start && !options.start.isNow) this.#shareAround(name);
    const id = this.#write((id) => subscribeFrame(filter, options, id));
    const asked = { name, subscriberId: subscribed.id, rides: false, riders: [] };
    if (id !== undefined) this.#asked.set(id, asked);
  }

  // A message of a group does not say which filter it came for: there must be no choice.
  #isTaken(name: SubscriptionName): boolean {
    if (name.group === "") return false;
    return (
      this.#dispatcher.find(name) !== undefined || this.#dispatcher.overlapping(name).length > 0
    );
  }

  // It brings older messages.
  #shareAround(name: SubscriptionName): void {
    for (const entry of this.#dispatcher.overlapping(name)) entry.share();
  }

  /** Whoever waits for it does not any more. */
  remove(name: SubscriptionName, subscriberId: number): void {
    const removed = this.#dispatcher.remove(name, subscriberId);
    const cancelled = new StatusError("CANCELLED", "unsubscribed");
    this.#finish(subscriberId, cancelled);
    if (!removed) return;
    removed.onEnd(cancelled);
    if (this.#dispatcher.find(name) || !this.#up) return;
    this.#write((id) => unsubscribeFrame(name, id));
  }

  // A client that closes takes its filters along.
  #write(write: Write): number | undefined {
    try {
      return this.#outgoing.addControl(write).id;
    } catch {
      return undefined;
    }
  }

  /** A connection stands: everything is asked for again, in frames to be sent before all others. */
  onUp(): Uint8Array[] {
    this.#up = true;
    const frames: Uint8Array[] = [];
    for (const { name, start, rides, riders } of planResumptions(this.#dispatcher)) {
      const entry = this.#dispatcher.find(name)!;
      entry.ask(rides);
      const id = frames.length + 1;
      frames.push(subscribeFrame(name.filter, { ...entry.options, start }, id));
      this.#asked.set(id, { name, subscriberId: 0, rides, riders });
    }
    for (const { name } of this.#asked.values()) {
      if (this.#dispatcher.find(name)!.conflates) this.#shareAround(name);
    }
    this.#unanswered = frames.length;
    return frames;
  }

  /**
   * Is every one of these answered? The broker takes its time for each: it may answer what came behind
   * them first.
   */
  get isUpAgain(): boolean {
    return this.#unanswered === 0;
  }

  /** The connection is gone, and what was asked on it. */
  onDown(): void {
    this.#up = false;
    this.#unanswered = 0;
    this.#asked.clear();
  }

  /** False when the id is no subscription's. How a filter goes on that was in a stream: `onResumed`. */
  onSubscribed(id: number, told: Beginning, onResumed: OnResumed): boolean {
    const asked = this.#takeAsked(id);
    if (!asked) return false;
    // What another member did not get comes late: by its position it would be left out.
    const heard = asked.name.group === "" ? told : { ...told, stream: undefined };
    if (asked.subscriberId === 0) {
      if (!asked.rides) this.#resume(asked.name, heard, onResumed);
      for (const rider of asked.riders) this.#resume(rider, heard, onResumed);
      return true;
    }
    const entry = this.#dispatcher.find(asked.name);
    entry?.begin(
      asked.subscriberId,
      heard.stream && { ...heard.stream, filter: asked.name.filter },
    );
    if (entry) this.#finish(asked.subscriberId, { ...heard, stream: entry.stream });
    return true;
  }

  #takeAsked(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    if (asked && id <= BUFFERED_IDS_AFTER) --this.#unanswered;
    this.#asked.delete(id);
    return asked;
  }

  #resume(name: SubscriptionName, told: Beginning, onResumed: OnResumed | undefined): void {
    const entry = this.#dispatcher.find(name);
    if (!entry) return;
    const before = entry.stream;
    entry.beginAgain(told.stream && { ...told.stream, filter: name.filter });
    const begin = told.stream && {
      ...told.stream,
      filter: name.filter,
      position: entry.position,
      recovered: told.stream.recovered && (!before || before.epoch === told.stream.epoch),
    };
    if (begin && before) onResumed?.(begin);
    for (const { id } of entry.subscribers) this.#finish(id, { ...told, stream: begin });
  }

  /** False when the id is no subscription's. A refusal nobody waits for goes to `onError`. */
  onRefused(id: number, error: StatusError, onError: OnError): boolean {
    const asked = this.#takeAsked(id);
    if (!asked) return false;
    const refused = this.#takeRefused(asked);
    // Nothing reads for these any more: they hear what is published.
    for (const rider of asked.riders) this.#resume(rider, { lastValues: false }, undefined);
    let anybodyWaited = false;
    for (const { id, subscriber } of refused) {
      if (this.#finish(id, error)) anybodyWaited = true;
      subscriber.onEnd(error);
    }
    if (!anybodyWaited) onError(error);
    return true;
  }

  #takeRefused({ name, subscriberId }: Asked): readonly Pick<Subscribed, "id" | "subscriber">[] {
    if (subscriberId === 0) return this.#dispatcher.removeAll(name);
    const subscriber = this.#dispatcher.remove(name, subscriberId);
    return subscriber ? [{ id: subscriberId, subscriber }] : [];
  }

  /** True when somebody was waiting. */
  #finish(subscriberId: number, outcome: Beginning | StatusError): boolean {
    const done = this.#waiting.get(subscriberId);
    this.#waiting.delete(subscriberId);
    done?.(outcome);
    return done !== undefined;
  }

  dispatch(message: Message): number {
    return this.#dispatcher.dispatch(message);
  }

  /** The client has ended. */
  end(reason: StatusError): void {
    this.#asked.clear();
    for (const name of this.#dispatcher.names()) {
      for (const { id, subscriber } of this.#dispatcher.removeAll(name)) {
        this.#finish(id, reason);
        subscriber.onEnd(reason);
      }
    }
  }
}
