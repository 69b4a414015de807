// What a broker sends, all but Message: the tables of proto/esockets.proto, and the library's own
// words for what stands there.
import type { Delivery } from "./delivery.js";
import type { Gap, GapReason } from "./message.js";
import { OVERFLOWS } from "./options.js";
import { bytes, decode, flag, type MessageOf, one, text, uint } from "./schema.js";
import type { BrokerError } from "./status.js";
import type { StreamStart } from "./stream_start.js";

export const LIMITS = {
  frameBytesMax: uint(1),
  topicBytesMax: uint(2),
  topicLevelsMax: uint(3),
  subscriptionsMax: uint(4),
  backlogMessagesMax: uint(5),
  backlogBytesMax: uint(6),
  payloadBytesMax: uint(7),
};

export const CONNECTED = {
  protocolVersion: uint(1),
  clientId: text(2),
  sessionId: uint(3),
  keepAliveMs: uint(4),
  limits: one(5, LIMITS),
  server: text(6),
  inbox: text(7),
  credentialsExpireInMs: uint(8),
  ticket: bytes(9),
};

export const STREAM_START = {
  name: text(1),
  epoch: uint(2),
  position: uint(3),
  recovered: flag(4),
  overflow: uint(5),
};

export const SUBSCRIBED = { id: uint(1), stream: one(2, STREAM_START), lastValues: flag(3) };
export const UNSUBSCRIBED = { id: uint(1) };
export const STORED = { epoch: uint(1), position: uint(2), repeated: flag(3) };

export const DELIVERY = {
  matched: uint(1),
  written: uint(2),
  queued: uint(3),
  conflated: uint(4),
  dropped: uint(5),
  gone: uint(6),
};

export const PUBLISHED = { id: uint(1), delivery: one(2, DELIVERY), stored: one(3, STORED) };

export const GAP = {
  filter: text(1),
  messages: uint(2),
  bytes: uint(3),
  fromUs: uint(4),
  toUs: uint(5),
  reason: uint(6),
  conflated: uint(7),
  expired: uint(8),
  fromPosition: uint(9),
  toPosition: uint(10),
  group: text(11),
};

export const SNAPSHOT_END = { filter: text(1) };
export const GO_AWAY = { code: uint(1), text: text(2), retryAfterMs: uint(3), ticket: bytes(4) };

export const CLOSE = {
  code: uint(1),
  text: text(2),
  detail: text(3),
  retryable: flag(4),
  retryAfterMs: uint(5),
  advice: text(6),
};

export const ERROR = {
  id: uint(1),
  code: uint(2),
  text: text(3),
  detail: text(4),
  retryable: flag(5),
  advice: text(6),
};

export const PONG = { id: uint(1) };
export const REFRESHED = { id: uint(1), credentialsExpireInMs: uint(2) };

/** Message is read by message_frame.ts. */
export const SERVER_FRAME = {
  connected: one(1, CONNECTED),
  subscribed: one(3, SUBSCRIBED),
  unsubscribed: one(4, UNSUBSCRIBED),
  published: one(5, PUBLISHED),
  gap: one(6, GAP),
  snapshotEnd: one(7, SNAPSHOT_END),
  goAway: one(8, GO_AWAY),
  close: one(9, CLOSE),
  error: one(10, ERROR),
  pong: one(11, PONG),
  refreshed: one(12, REFRESHED),
};

export type ServerFrame = MessageOf<typeof SERVER_FRAME>;
export type Connected = MessageOf<typeof CONNECTED>;
export type GoAway = MessageOf<typeof GO_AWAY>;
export type Subscribed = MessageOf<typeof SUBSCRIBED>;
export type Published = MessageOf<typeof PUBLISHED>;

/** What the broker allows this client; frames beyond it are refused. Bytes are without the prefix. */
export type Limits = MessageOf<typeof LIMITS>;

/** In the order of the protocol; the first is never sent. */
const REASONS: readonly string[] = [
  "REASON_UNSPECIFIED",
  "BACKLOG_FULL",
  "BROKER_MEMORY",
  "CONFLATED",
  "EXPIRED",
  "TOO_OLD",
  "RETENTION",
];

/** Throws WireError. */
export function decodeServerFrame(bytes: Uint8Array, start: number, end: number): ServerFrame {
  return decode<ServerFrame>(SERVER_FRAME, bytes, start, end);
}

export function gapOf(gap: MessageOf<typeof GAP>): Gap {
  return { ...gap, reason: (REASONS[gap.reason] ?? `REASON_${gap.reason}`) as GapReason };
}

export function deliveryOf(delivery: MessageOf<typeof DELIVERY>): Delivery {
  return { ...delivery };
}

export function streamStartOf(start: MessageOf<typeof STREAM_START>): StreamStart {
  return { filter: "", ...start, overflow: OVERFLOWS[start.overflow] ?? "default" };
}

export function errorOf(error: MessageOf<typeof ERROR>): BrokerError {
  const { code, text, detail, retryable, advice } = error;
  return { code, text, detail, retryable, retryAfterMs: 0, advice };
}

export function goAwayOf({ code, text, retryAfterMs }: GoAway): BrokerError {
  const advice = "Leave, and come back after retryAfterMs.";
  return { code, text, detail: "", retryable: true, retryAfterMs, advice };
}
