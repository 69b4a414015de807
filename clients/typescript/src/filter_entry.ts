// The program's subscriptions to one filter, and how far each has come in the filter's stream.
import type { Message } from "./message.js";
import type { SubscribeOptions } from "./options.js";
import { Start } from "./start.js";
import type { StatusError } from "./status.js";
import type { StreamStart } from "./stream_start.js";

/** One subscription of the program's. */
export interface Subscriber {
  onMessage(message: Message): void;
  /** Nothing will come any more. */
  onEnd(reason: StatusError): void;
}

export class Subscribed {
  readonly id: number;
  readonly subscriber: Subscriber;
  /** Of the filter's stream: the last message that was handed to it, or where it has begun. */
  position = 0;
  /**
   * What it does not take again. Behind `position` while another subscription of the client brings
   * older messages of the same topics.
   */
  passed = 0;
  /** Until the broker says where it begins, what comes is meant for others. */
  begun = true;

  constructor(id: number, subscriber: Subscriber) {
    this.id = id;
    this.subscriber = subscriber;
  }
}

function startOf(options: SubscribeOptions): Start {
  return options.start ?? Start.now();
}

/** The broker knows them as one, with the newest options. */
export class FilterEntry {
  options: SubscribeOptions = {};
  /** Replaced when it changes: whoever walks it may change it. */
  subscribers: readonly Subscribed[] = [];

  #stream: StreamStart | undefined; // undefined: it is in none, or that is not known yet
  #isLive = false;
  #shared = false;

  add(newest: SubscribeOptions, subscribed: Subscribed): void {
    const before = startOf(this.options);
    this.options = { ...newest };
    if (this.#stream && newest.overflow && newest.overflow !== "default") {
      this.#stream = { ...this.#stream, overflow: newest.overflow };
    }
    // Who asks for nothing older takes what the others get.
    if (startOf(newest).isNow) this.options.start = before;
    subscribed.position = subscribed.passed = this.#furthest();
    subscribed.begun = startOf(newest).isNow;
    this.subscribers = [...this.subscribers, subscribed];
  }

  /** Without that one; undefined: it is not there. */
  remove(id: number): Subscriber | undefined {
    const found = this.subscribers.find((subscribed) => subscribed.id === id);
    this.subscribers = this.subscribers.filter((subscribed) => subscribed !== found);
    return found?.subscriber;
  }

  /** Gives the message to those that it is for; returns their number. */
  hand(message: Message): number {
    let count = 0;
    for (const subscribed of this.subscribers) {
      if (!this.#takes(subscribed, message.position)) continue;
      if (message.position > subscribed.position) subscribed.position = message.position;
      if (!this.#shared) subscribed.passed = subscribed.position;
      subscribed.subscriber.onMessage(message);
      ++count;
    }
    return count;
  }

  #takes(subscribed: Subscribed, position: number): boolean {
    if (position === 0) return true;
    // Without a stream of its own, positions of several streams come.
    return subscribed.begun && (!this.#stream || this.conflates || position > subscribed.passed);
  }

  // --- what the broker says: where `told`, with the stream that all of the filter is in

  /** To the Subscribe of one of them. */
  begin(subscriberId: number, told: StreamStart | undefined): void {
    this.options.start = Start.now();
    const found = this.subscribers.find(({ id }) => id === subscriberId);
    if (!found) return;
    if (told) {
      this.#isLive = found.begun && this.options.overflow !== "replay";
      this.#stream = told;
      found.position = found.begun ? Math.max(found.position, told.position) : told.position;
      found.passed = found.position;
    }
    found.begun = true;
  }

  /** To one for all of them, on a new connection. */
  beginAgain(told: StreamStart | undefined): void {
    this.options.start = Start.now();
    const sameEpoch = told !== undefined && this.#stream?.epoch === told.epoch;
    for (const subscribed of this.subscribers) {
      // What was handed meanwhile counts, if nothing older was asked for.
      const goesOn = sameEpoch || (!this.#stream && subscribed.begun);
      const begin = told?.position ?? 0;
      subscribed.position = goesOn ? Math.max(subscribed.position, begin) : begin;
      subscribed.passed = subscribed.position;
      subscribed.begun = true;
    }
    this.#stream = told;
  }

  // --- what is asked

  /** A new connection. `rides`: another filter brings what this one has missed. */
  ask(rides: boolean): void {
    const fromNow = !this.#stream && startOf(this.options).isNow;
    this.#isLive = (rides || fromNow) && this.options.overflow !== "replay";
    this.#shared = false;
    for (const subscribed of this.subscribers) {
      if (!this.#stream) subscribed.position = subscribed.passed = 0;
      subscribed.begun = fromNow;
    }
  }

  /** Another filter begins with older messages, of which this one matches some. */
  share(): void {
    if (this.#stream) this.#shared = true;
  }

  /** Behind the last message that all of them have. */
  get position(): number {
    if (this.subscribers.length === 0) return 0;
    return Math.min(...this.subscribers.map(({ position }) => position));
  }

  // --- state

  get stream(): StreamStart | undefined {
    return this.#stream;
  }

  /** Does it hear each message when it is published, and never read older ones for itself? */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** A message may take the place of an older one, behind others: no position tells what has come. */
  get conflates(): boolean {
    return this.#stream?.overflow === "conflate";
  }

  #furthest(): number {
    return Math.max(0, ...this.subscribers.map(({ position }) => position));
  }
}
