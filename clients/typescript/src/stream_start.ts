// What the broker says of a subscription: where it begins in a stream, and what comes first.
import type { Overflow } from "./options.js";

export interface StreamStart {
  /** Of the subscription. */
  filter: string;
  /** Of the stream. */
  name: string;
  /** Positions count within it: another epoch is another stream, after a restart of the broker. */
  epoch: number;
  /**
   * What comes is behind it. With the epoch, and until a message tells a later one, it is where to
   * begin again: Start.afterPosition.
   */
  position: number;
  /** All that was asked for is there. False: some of it is not any more, or the epoch is another. */
  recovered: boolean;
  /** The contract that holds. Under "conflate" positions do not rise. */
  overflow: Overflow;
}

/** How a subscription begins. */
export interface Beginning {
  /** undefined: its filter is within no stream. */
  stream?: StreamStart | undefined;
  /** Last values come first, and then onSnapshotEnd. */
  lastValues: boolean;
}
