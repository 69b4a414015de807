// How long to wait before the next attempt: capped exponential backoff with full jitter. A broker
// that restarts gets its clients back spread over time, not in one wave.

export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #dice: () => number;
  #ceilingMs: number;

  /** `dice`: uniform in [0, 1). */
  constructor(minMs: number, maxMs: number, dice: () => number = Math.random) {
    this.#minMs = Math.max(minMs, 1);
    this.#maxMs = Math.max(maxMs, this.#minMs);
    this.#dice = dice;
    this.#ceilingMs = this.#minMs;
  }

  /** Milliseconds: random between 0 and the ceiling, which doubles from the least to the most. */
  next(): number {
    const ceiling = this.#ceilingMs;
    this.#ceilingMs = Math.min(ceiling * 2, this.#maxMs);
    return ceiling * this.#dice();
  }

  /** The next wait is a first one again. */
  reset(): void {
    this.#ceilingMs = this.#minMs;
  }

  /** Of the next wait, in milliseconds. */
  get ceilingMs(): number {
    return this.#ceilingMs;
  }
}
