// What a subscriber gets: messages, and the news of those it did not get.
import { decodeText, NO_BYTES } from "./wire.js";

/** A name and a value that travel with a message; a name may come several times. */
export type Header = [name: string, value: string];

const NO_HEADERS: Header[] = [];

/**
 * A message. Its bytes lie within those that were received with it: who keeps a small one for long,
 * among large ones, had better copy it (`payload.slice()`).
 */
export class Message {
  topic = "";
  payload: Uint8Array = NO_BYTES;
  headers: readonly Header[] = NO_HEADERS;
  /** Topic to send an answer to. Empty: none is wanted. */
  replyTo = "";
  /** What it is about, within its topic. Empty: nothing in particular. */
  key: Uint8Array = NO_BYTES;
  /** Milliseconds after which it is worthless. 0: never. */
  ttlMs = 0;
  /** Group that it came to. Empty: it came to all. */
  group = "";
  /** Microseconds since 1970 (UTC) at which the broker took it; 0 where it does not say. */
  timeUs = 0;
  /** Session id of who published it; 0 where the broker does not say. */
  publisher = 0;
  /** Its number in the stream of its topic; 0 when it is in none. */
  position = 0;

  /** The payload as text. What is not UTF-8 becomes U+FFFD. */
  text(): string {
    return lenient.decode(this.payload);
  }

  /** The payload as JSON. Throws SyntaxError. */
  json(): unknown {
    return JSON.parse(decodeText(this.payload));
  }
}

const lenient = new TextDecoder();

/** A reply with this header says that whoever was asked could not do it, and why. */
export const ERROR_HEADER = "error";

/** Its value; undefined: there is none. */
export function errorIn(reply: Message): string | undefined {
  return reply.headers.find(([name]) => name === ERROR_HEADER)?.[1];
}

export type GapReason =
  "BACKLOG_FULL" | "BROKER_MEMORY" | "CONFLATED" | "EXPIRED" | "TOO_OLD" | "RETENTION";

/**
 * Messages of a subscription that did not come, because this client did not read fast enough, the
 * broker ran short of memory, or a stream had let go of them.
 */
export interface Gap {
  filter: string;
  /** Of the subscription; empty: none. What a group has lost, one of its members is told. */
  group: string;
  messages: number;
  bytes: number;
  /** Microseconds since 1970 (UTC) at which the first and the last of them were published. */
  fromUs: number;
  toUs: number;
  /**
   * The gravest, in the order CONFLATED, EXPIRED, TOO_OLD, BACKLOG_FULL, BROKER_MEMORY; RETENTION is
   * always told alone.
   */
  reason: GapReason;
  /** Of the messages: those that a newer one stands for, and those whose ttl was over. */
  conflated: number;
  expired: number;
  /**
   * Of RETENTION: the first and the last position of the hole. `messages` are those that the stream
   * has let go of there, whether they matched or not; their bytes and times are not known.
   */
  fromPosition: number;
  toPosition: number;
}
