// What a client tells its program besides messages.
import type { Gap } from "./message.js";
import type { BrokerError, StatusError } from "./status.js";
import type { StreamStart } from "./stream_start.js";

/**
 *   connecting: an attempt is under way
 *   connected: the broker has answered, and every filter is subscribed again: what is published from
 *     here on reaches them. A filter that the broker refused is gone; onError has said so
 *   waiting: for the next attempt
 *   closed: for good: close, or an ending that is not retryable
 */
export type State = "connecting" | "connected" | "waiting" | "closed";

/** What they throw is thrown again where the platform tells of uncaught errors. */
export interface ClientEvents {
  /** `reason`: why a connection failed or ended. */
  onStateChange?(state: State, reason?: StatusError): void;
  /** In order with the messages of the subscription. */
  onGap?(gap: Gap): void;
  /**
   * Of each topic that this filter matches, the last value has come, or a newer one: in order with
   * the messages. After a lost connection they come again.
   */
  onSnapshotEnd?(filter: string): void;
  /**
   * After a lost connection: a filter within a stream goes on behind this position, and nothing of it
   * was missed if it is `recovered`. Before the messages that follow, and before "connected".
   */
  onResumed?(resumed: StreamStart): void;
  /** The broker said why it ends the connection; onStateChange follows. */
  onClose?(close: BrokerError): void;
  /** The broker asks to leave; the client does, and comes back as told. */
  onGoAway?(goAway: BrokerError): void;
  /**
   * A failure that no call is waiting for: of a plain publish, of a filter subscribed again, or of the
   * fresh token for the connection that stands.
   */
  onError?(error: StatusError): void;
}

/** Calls what a program gave: what it throws is the program's affair, and does not stop the client. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
