// Follows who is on a topic: reads the roster, page after page, takes the updates, and reads again
// when something was missed or the connection is a new one.
import { guarded } from "./events.js";
import type { Subscriber } from "./filter_entry.js";
import { PRESENCE_PAGE_MEMBERS, PRESENCE_PAUSE_MS } from "./limits.js";
import type { Message } from "./message.js";
import type { Done } from "./pending_requests.js";
import type { PresenceCallback } from "./presence.js";
import { PresenceBook } from "./presence_book.js";
import { decodeRoster, decodeUpdate, encodePresenceRequest } from "./presence_frames.js";
import { StatusError } from "./status.js";

/**
 * Asks the broker with this payload, and tells the payload of its answer: at once, since the update that
 * comes right behind it counts.
 */
export type Ask = (payload: Uint8Array, done: Done<Uint8Array>) => void;

export class PresenceWatcher implements Subscriber {
  readonly #ask: Ask;
  readonly #callback: PresenceCallback;
  readonly #onOver: () => void;
  readonly #book = new PresenceBook();
  #reading = 0; // answers to older ones are not looked at
  #asking = false;
  #begun = false; // before that nobody is told anything
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onOver`: it has ended by itself. */
  constructor(ask: Ask, callback: PresenceCallback, onOver: () => void) {
    this.#ask = ask;
    this.#callback = callback;
    this.#onOver = onOver;
  }

  /** The broker has confirmed the subscription, on whatever connection. */
  onSubscribed(): void {
    this.#begun = true;
    // What was asked over another connection is not answered any more.
    this.#asking = false;
    this.onGap();
  }

  /** Updates did not come. */
  onGap(): void {
    this.#book.invalidate();
    this.#readIfNeeded();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  onMessage(message: Message): void {
    const update = decodeUpdate(message.payload);
    if (this.#over || !update) return;
    if (update.ended) {
      return this.#end(new StatusError("PERMISSION_DENIED", "not on the topic any more"));
    }
    this.#book.onUpdate(update);
    this.#tell();
    this.#readIfNeeded();
  }

  onEnd(reason: StatusError): void {
    this.#end(reason);
  }

  // What is asked is answered first: its answer is a page of no use.
  #readIfNeeded(): void {
    if (this.#over || this.#asking || !this.#book.mustRead) return;
    this.#book.beginReading();
    this.#askPage();
  }

  #askPage(): void {
    this.#asking = true;
    const reading = ++this.#reading;
    const request = encodePresenceRequest(PRESENCE_PAGE_MEMBERS, this.#book.nextPage ?? "");
    this.#ask(request, (outcome) => {
      if (this.#over || reading !== this.#reading || !this.#asking) return;
      if (outcome instanceof StatusError) this.#onRefused(outcome);
      else this.#onAnswer(outcome);
    });
  }

  #onAnswer(payload: Uint8Array): void {
    this.#asking = false;
    const page = decodeRoster(payload);
    if (!page) {
      this.#book.invalidate();
      return this.#tryAgainLater();
    }
    this.#book.onPage(page);
    this.#tell();
    if (!this.#book.mustRead && this.#book.nextPage !== undefined) return this.#askPage();
    this.#readIfNeeded();
  }

  #onRefused(reason: StatusError): void {
    this.#asking = false;
    this.#book.invalidate();
    const { kind, code } = reason;
    // A connection that is lost comes back, with `onSubscribed`.
    if (kind === "UNAVAILABLE" && code === 0) return;
    if (kind === "PERMISSION_DENIED" || kind === "FAILED_PRECONDITION") return this.#end(reason);
    this.#tryAgainLater();
  }

  #tryAgainLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#readIfNeeded(), PRESENCE_PAUSE_MS);
  }

  #tell(): void {
    const news = this.#book.takeNews();
    if (news) guarded(() => this.#callback(news));
  }

  #end(ended: StatusError): void {
    if (this.#over) return;
    this.stop();
    this.#onOver();
    if (!this.#begun) return;
    guarded(() => this.#callback({ first: false, joined: [], left: [], count: 0, ended }));
  }
}
