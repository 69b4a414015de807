// Cuts a stream of bytes into frames: a varint of 1 to 5 bytes, and so many bytes. Pieces come as the
// network makes them.
import { joined } from "./schema.js";
import { NO_BYTES, WireError } from "./wire.js";

const LENGTH_BYTES_MAX = 5;

export class FrameDelimiter {
  /** Of the frame that `next` has found: its body is bytes[start] to bytes[end - 1]. */
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;

  readonly #frameBytesMax: number;
  #at = 0;
  #more: Uint8Array[] = []; // behind `bytes`: not enough yet for the frame that is coming
  #moreBytes = 0;
  #neededBytes = 0; // of that frame, with its length

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Input. Takes no copy where nothing is left of what came before. */
  push(piece: Uint8Array): void {
    this.#more.push(piece);
    this.#moreBytes += piece.length;
    if (this.unreadBytes < this.#neededBytes) return;
    const left = this.bytes.subarray(this.#at);
    this.bytes = left.length > 0 ? joined([left, ...this.#more]) : joined(this.#more);
    this.#at = 0;
    this.#forget();
  }

  #forget(): void {
    this.#more = [];
    this.#moreBytes = this.#neededBytes = 0;
  }

  /** Finds the next frame; false: it is not complete. Throws WireError of what is no length. */
  next(): boolean {
    if (this.#more.length > 0) return false;
    const bytes = this.bytes;
    let at = this.#at;
    let length = 0;
    for (let scale = 1, i = 0; ; scale *= 0x80, ++i) {
      if (i === LENGTH_BYTES_MAX) throw new WireError("no length of a frame");
      if (at >= bytes.length) return false;
      const byte = bytes[at++]!;
      length += (byte & 0x7f) * scale;
      if (length > this.#frameBytesMax) throw new WireError("a frame is too long");
      if (byte < 0x80) break;
    }
    if (length === 0) throw new WireError("an empty frame");
    if (at + length > bytes.length) {
      this.#neededBytes = at + length - this.#at;
      return false;
    }
    this.start = at;
    this.end = this.#at = at + length;
    return true;
  }

  /** Input that is not part of a frame that was found. */
  get unreadBytes(): number {
    return this.bytes.length - this.#at + this.#moreBytes;
  }

  /** Another connection. */
  reset(): void {
    this.bytes = NO_BYTES;
    this.#at = 0;
    this.#forget();
  }
}
