// What was published and no socket has taken yet: encoded frames, bounded.
import type { WhenFull } from "./options.js";
import { joined } from "./schema.js";
import { StatusError } from "./status.js";

/** Ids up to this one are never buffered: they are free for what is sent first on each connection. */
export const BUFFERED_IDS_AFTER = 1 << 20;

/** Writes a frame that asks for an answer to this id. */
export type Write = (id: number) => Uint8Array;

/** Where a request went. */
export interface Added {
  id: number;
  /** Position behind its frame in the stream of all frames ever added. */
  endOffset: number;
}

export class OutgoingBuffer {
  readonly #bytesMax: number;
  readonly #whenFull: WhenFull;
  readonly #wake: () => void;

  #frames: Uint8Array[] = [];
  #head = 0; // of #frames
  #bytes = 0;
  #addedTotal = 0;
  #lastId = BUFFERED_IDS_AFTER;
  #droppedTotal = 0;
  #waiters: { bytes: number; resolve: () => void; reject: (reason: StatusError) => void }[] = [];
  #closed: StatusError | undefined;
  #woken = false;

  /** `wake` is called when there is something to take, once until it is taken. */
  constructor(bytesMax: number, whenFull: WhenFull, wake: () => void) {
    this.#bytesMax = bytesMax;
    this.#whenFull = whenFull;
    this.#wake = wake;
  }

  /** Of frames that wait for a socket. */
  get bytes(): number {
    return this.#bytes;
  }

  get droppedMessagesTotal(): number {
    return this.#droppedTotal;
  }

  /** All that was ever taken: what lies behind it survives a broken connection. */
  get consumedTotal(): number {
    return this.#addedTotal - this.#bytes;
  }

  /** One frame. Throws RESOURCE_EXHAUSTED, or the reason of `close`. Dropped frames are counted. */
  add(frame: Uint8Array): void {
    const full = this.#whyNot(frame.length);
    if (!full) return this.#append(frame);
    if (full === this.#closed || this.#whenFull !== "dropNewest") throw full;
    ++this.#droppedTotal;
  }

  /**
   * A frame of about `bytes` that has an answer. Never dropped: dropNewest becomes "error". Ids rise in
   * the order of the frames, as the broker wants them. Throws as `add` does.
   */
  addRequest(bytes: number, write: Write): Added {
    const full = this.#whyNot(bytes);
    if (full) throw full;
    return this.addControl(write);
  }

  /** The same, beyond the limit: a Ping must get through when publishes wait for room. */
  addControl(write: Write): Added {
    if (this.#closed) throw this.#closed;
    const id = ++this.#lastId;
    this.#append(write(id));
    return { id, endOffset: this.#addedTotal };
  }

  /** Resolves when there is room for so much, in the order of the calls. Rejects when it is closed. */
  async waitForRoom(bytes: number): Promise<void> {
    if (this.#closed || !this.#whyNot(bytes)) return;
    await new Promise<void>((resolve, reject) => this.#waiters.push({ bytes, resolve, reject }));
  }

  /** Nothing more is taken in: `add` throws the reason, and those that wait end with it. */
  close(reason: StatusError): void {
    if (this.#closed) return;
    this.#closed = reason;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  /** Whole frames in the order of adding, about `bytesMax` of them; undefined: there is nothing. */
  take(bytesMax: number): Uint8Array | undefined {
    const begin = this.#head;
    let bytes = 0;
    while (this.#head < this.#frames.length && bytes < bytesMax) {
      bytes += this.#frames[this.#head++]!.length;
    }
    const frames = this.#frames.slice(begin, this.#head);
    if (this.#head === this.#frames.length) this.#woken = false;
    // What was taken is let go of, also when the buffer never becomes empty.
    if (this.#head * 2 >= this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
    this.#bytes -= bytes;
    this.#admit();
    return frames.length > 0 ? joined(frames) : undefined;
  }

  #whyNot(bytes: number): StatusError | undefined {
    if (this.#closed) return this.#closed;
    if (this.#waiters.length === 0 && this.#fits(bytes)) return undefined;
    return new StatusError(
      "RESOURCE_EXHAUSTED",
      `the outgoing buffer is full: ${this.#bytes} bytes wait for the broker`,
    );
  }

  // A frame larger than the whole buffer still goes through an empty one.
  #fits(bytes: number, promised = 0): boolean {
    const waiting = this.#bytes + promised;
    return waiting === 0 || waiting + bytes <= this.#bytesMax;
  }

  #append(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    this.#addedTotal += frame.length;
    if (this.#woken) return;
    this.#woken = true;
    this.#wake();
  }

  // As many as there is room for, if each uses it.
  #admit(): void {
    let promised = 0;
    while (this.#waiters.length > 0 && this.#fits(this.#waiters[0]!.bytes, promised)) {
      const waiter = this.#waiters.shift()!;
      promised += waiter.bytes;
      waiter.resolve();
    }
  }
}
