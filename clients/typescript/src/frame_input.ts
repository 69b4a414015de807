// What has come from a connection, frame by frame, as long as somebody reads. Where the platform does
// not stop when nobody does, it waits here.
import { FrameDelimiter } from "./frame_delimiter.js";
import { SERVER_FRAME_BYTES_MAX } from "./limits.js";

export class FrameInput {
  readonly #frames = new FrameDelimiter(SERVER_FRAME_BYTES_MAX);
  readonly #reads: () => boolean;
  readonly #onFrame: (bytes: Uint8Array, start: number, end: number) => void;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #reading = false;
  #pieces = 0;

  /** `reads`: asked before each frame. `onFrame`: its body is bytes[start] to bytes[end - 1]. */
  constructor(
    reads: () => boolean,
    onFrame: (bytes: Uint8Array, start: number, end: number) => void,
  ) {
    this.#reads = reads;
    this.#onFrame = onFrame;
  }

  /** Of input, ever: a sign of life. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Bytes that wait until somebody reads. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Input. Throws WireError. */
  push(bytes: Uint8Array): void {
    ++this.#pieces;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.read();
  }

  /** Whatever may be read by now. No effect within `onFrame`. Throws WireError. */
  read(): void {
    if (this.#reading) return;
    this.#reading = true;
    try {
      this.#readFrames();
      while (this.#held.length > 0 && this.#reads()) {
        const bytes = this.#held.shift()!;
        this.#heldBytes -= bytes.length;
        this.#frames.push(bytes);
        this.#readFrames();
      }
    } finally {
      this.#reading = false;
    }
  }

  #readFrames(): void {
    const frames = this.#frames;
    while (this.#reads() && frames.next()) this.#onFrame(frames.bytes, frames.start, frames.end);
  }

  /** Another connection. */
  reset(): void {
    this.#frames.reset();
    this.#held = [];
    this.#heldBytes = 0;
  }
}
