// Who is on a topic, as a program is told.
import type { StatusError } from "./status.js";

/** What is published below it says who is on the topic that follows. */
export const PRESENCE_PREFIX = "$presence/";

/** What the client said when it connected. */
export interface PresenceMember {
  /** One member, however often it comes back. */
  clientId: string;
  name: string;
  metadata: Record<string, string>;
}

/** What has changed since the last one; the first one names all who are there. */
export interface PresenceNews {
  first: boolean;
  /** Who came; or who was there and has another name or other metadata. */
  joined: PresenceMember[];
  left: PresenceMember[];
  /** Members now. */
  count: number;
  /**
   * Why this is the last one, and says nothing else. PERMISSION_DENIED: the client is not on the topic
   * any more, and only members are told.
   */
  ended?: StatusError | undefined;
}

/** While it runs nothing else is received. */
export type PresenceCallback = (news: PresenceNews) => void;

/** Hears who is on a topic, across reconnects, until `stop`. */
export class PresenceWatch {
  readonly topic: string;
  readonly #end: () => void;
  #ended = false;

  constructor(topic: string, end: () => void) {
    this.topic = topic;
    this.#end = end;
  }

  /** Nothing is told any more. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end();
  }
}
