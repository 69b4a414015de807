// What became of a message.

/** Where a message is in its stream. */
export interface Stored {
  epoch: number;
  position: number;
  /** It was there already: its messageId is known. */
  repeated: boolean;
}

/** Clients: each that matched is counted in one of the others. */
export interface Delivery {
  matched: number;
  /**
   * The kernel of the broker's machine has taken all of it for these. Whether they read it, only
   * they can say.
   */
  written: number;
  /** It still waits for these. */
  queued: number;
  /** A newer one of its topic and key took its place. */
  conflated: number;
  /** Lost to the contract of their subscription, or its ttl was over. */
  dropped: number;
  /** They unsubscribed, or their connection ended, before it was written. */
  gone: number;
  /** undefined: no stream keeps its topic. */
  stored?: Stored | undefined;
}

/** What the broker says to a request. */
export interface Answer {
  /** Where the Publish asked for it. */
  delivery?: Delivery | undefined;
  /** Of a Publish to a topic of a stream. */
  stored?: Stored | undefined;
}
