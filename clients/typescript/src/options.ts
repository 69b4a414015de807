// What a program says to the client library: how to connect, publish and subscribe.
import type { Header } from "./message.js";
import type { Start } from "./start.js";
import type { WebSocketClass } from "./transport.js";

/**
 * What a publish does when the outgoing buffer is full: the broker is away, or slower than we are.
 *   block: calls that return a promise wait for room; `publish`, which does not, does as "error".
 *   dropNewest: drops this message and counts it, `droppedMessagesTotal`.
 *   error: fails with RESOURCE_EXHAUSTED.
 */
export type WhenFull = "block" | "dropNewest" | "error";

/**
 * What is lost when this client cannot keep up.
 *   default: the broker's setting
 *   dropOldest: the newest messages are kept, a Gap stands for those that were not
 *   dropNewest: the oldest are kept, a Gap stands behind them
 *   conflate: the latest of each topic and key is kept, one Gap tells how many it stands for
 *   disconnect: the connection is closed
 *   replay: nothing is, while the stream has it: who is behind reads it there. For a filter within one
 */
export type Overflow =
  "default" | "dropOldest" | "dropNewest" | "conflate" | "disconnect" | "replay";

/** In the order of the protocol. */
export const OVERFLOWS: readonly Overflow[] = [
  "default",
  "dropOldest",
  "dropNewest",
  "conflate",
  "disconnect",
  "replay",
];

/**
 * Which member of a group gets a message. Members that are behind are passed over.
 *   unspecified: the group's own; that of a new group is roundRobin
 *   roundRobin: one after the other
 *   hash: one for each key, in order; without a key one for each publisher
 *   first: the one that has been there longest, the others stand by
 */
export type GroupStrategy = "unspecified" | "roundRobin" | "hash" | "first";

/** In the order of the protocol. */
export const GROUP_STRATEGIES: readonly GroupStrategy[] = [
  "unspecified",
  "roundRobin",
  "hash",
  "first",
];

/** Text goes as UTF-8. */
export type Payload = string | Uint8Array;

export interface PublishOptions {
  headers?: readonly Header[];
  /** Topic to send an answer to. */
  replyTo?: string;
  /** What the message is about, within its topic. */
  key?: string | Uint8Array;
  /** Milliseconds after which the message is worthless. 0: never. */
  ttlMs?: number;
  /**
   * Names the message within its stream, which stores it once however often it is published: at most
   * 64 bytes that no other client chooses. Not of `publish`, which hears no answer.
   */
  messageId?: string | Uint8Array;
}

/** What the broker publishes if the client ends without `close`: when it dies, or is cut off. */
export interface LastWill {
  topic: string;
  payload?: Payload;
  options?: PublishOptions;
  /**
   * So long the broker waits for the client to come back, in milliseconds; at most a day. For a client
   * with a clientId of its own.
   */
  delayMs?: number;
}

/** As PEM: the text, or its bytes. */
export type Pem = string | Uint8Array;

/** Of Node and the package `ws`: in a page the browser decides, and these are refused. */
export interface TlsOptions {
  /** Authorities that are trusted. Default: those of Node. */
  ca?: Pem | readonly Pem[];
  /** What the broker's certificate must name. Default: the host of the address. */
  serverName?: string;
  /** For brokers that ask for a certificate of the client: with those that lead to its authority. */
  cert?: Pem;
  key?: Pem;
  /** False: whoever answers is believed, and told the credentials. For tests alone. */
  verify?: boolean;
}

export interface ClientOptions {
  /**
   * "wss://host/path"; without a scheme it is "ws://". Default: of a page the server that it came from,
   * elsewhere "ws://127.0.0.1:1234".
   */
  address?: string;
  /** The class of the platform's WebSocket. Node 20 has none: that of the package `ws`. */
  webSocket?: WebSocketClass;
  /**
   * The third argument of that class, which only `ws` has: headers, a proxy. Without another wish it
   * does not compress: that costs a client in Node more than it saves.
   */
  webSocketOptions?: Record<string, unknown>;
  /** Of an address that begins with wss://. */
  tls?: TlsOptions;

  /**
   * Names the client across connections: a second one with the same id takes over from the first.
   * Empty: the broker chooses one, a new one for each connection.
   */
  clientId?: string;
  /**
   * A token, or who gives a fresh one: for each connect for which the broker has given no ticket, and
   * again when four fifths of the time are over after which the broker says that it expires; that one
   * goes out over the same connection, and the program notices nothing. One that fails is asked again
   * later, and so it is when the broker refuses the new token; of a connection that stands `onError`
   * tells both. With a function CREDENTIALS_EXPIRED leads to another attempt, without one it is the
   * end.
   */
  token?: string | (() => string | Promise<string>);
  user?: string;
  password?: string;
  /** For people who look at a list of clients. */
  name?: string;
  metadata?: Record<string, string>;
  will?: LastWill;

  /**
   * Milliseconds: at least this often there is a sign of life between broker and client. The broker
   * asks for it, the platform answers: no timer here that a hidden page would slow down. 0: the
   * broker's own setting.
   */
  keepAliveMs?: number;
  /** Milliseconds of one attempt, from its begin to the broker's answer to Connect. */
  connectTimeoutMs?: number;
  /** Milliseconds of the calls that wait for an answer, unless they say otherwise. */
  requestTimeoutMs?: number;

  /**
   * After a lost connection: false ends the client. Endings that the broker calls not retryable end
   * it in any case.
   */
  reconnect?: boolean;
  /**
   * The wait before attempt n is random between 0 and min(backoffMaxMs, backoffMinMs * 2^(n-1)): full
   * jitter, so that the clients of a broker that restarts do not come back all at once. A wait that
   * the broker asks for comes on top.
   */
  backoffMinMs?: number;
  backoffMaxMs?: number;
  /** Uniform in [0, 1). */
  dice?: () => number;

  /** Published and not yet given to a socket, in bytes of frames. */
  outgoingBytesMax?: number;
  whenFull?: WhenFull;
}

export const CLIENT_DEFAULTS = {
  address: "ws://127.0.0.1:1234",
  clientId: "",
  token: "",
  user: "",
  password: "",
  name: "",
  keepAliveMs: 0,
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  reconnect: true,
  backoffMinMs: 100,
  backoffMaxMs: 30_000,
  outgoingBytesMax: 8 << 20,
  whenFull: "block",
} satisfies ClientOptions;

/** The options of a client, with the defaults of those that were left out. */
export type FullOptions = ClientOptions &
  Required<
    Omit<ClientOptions, "webSocket" | "webSocketOptions" | "tls" | "metadata" | "will" | "dice">
  >;

/** Of a request to other clients. */
export interface RequestOptions {
  /** Ends when so many have answered. 0: takes all answers that come in time. */
  repliesMax?: number;
  /** Milliseconds. Default: requestTimeoutMs. */
  timeoutMs?: number;
  /** Headers, key and ttl of the request; its replyTo is the library's affair. */
  publish?: PublishOptions;
}

export interface SubscribeOptions {
  /**
   * Each message that matches comes to one of all clients that subscribe to this filter with this
   * group. At most 128 bytes. Empty: no group.
   */
  group?: string;
  /** One that the group does not have is refused. */
  groupStrategy?: GroupStrategy;
  /**
   * Of a group: dropOldest or dropNewest, of what waits while all of its members are behind. One that
   * the group does not have is refused.
   */
  overflow?: Overflow;
  /**
   * Where in its stream it begins for the first time. After a lost connection it goes on behind the
   * last message that it got; what conflates, with the latest message of each topic.
   */
  start?: Start;
  /** Where the broker keeps last values of topics that match: whether they come first. Default: true. */
  lastValues?: boolean;
  /**
   * Backlog in the broker while this client is behind. 0: the broker's default. Of a group: that of
   * the member that was the first.
   */
  maxBacklogMessages?: number;
  maxBacklogBytes?: number;
  /** Milliseconds that the oldest message waits there. 0: the broker's default. */
  maxBacklogAgeMs?: number;
  /**
   * Of iterators: messages waiting here, 1000 by default. When it is full the client stops reading
   * from its connection; the broker's backlog fills, and then `overflow` rules. Nothing is dropped
   * here. A page cannot stop reading: there what has come waits unread, up to 64 MiB.
   */
  receiveQueueMessagesMax?: number;
}
