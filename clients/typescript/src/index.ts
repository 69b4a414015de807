// @esockets/client: all that a program needs.
export { Client } from "./client.js";
export type { Delivery, Stored } from "./delivery.js";
export type { ClientEvents, State } from "./events.js";
export { ERROR_HEADER, errorIn, Message } from "./message.js";
export type { Gap, GapReason, Header } from "./message.js";
export type {
  ClientOptions,
  GroupStrategy,
  LastWill,
  Overflow,
  Payload,
  Pem,
  PublishOptions,
  RequestOptions,
  SubscribeOptions,
  TlsOptions,
  WhenFull,
} from "./options.js";
export type { PresenceCallback, PresenceMember, PresenceNews, PresenceWatch } from "./presence.js";
export type { Limits } from "./server_frames.js";
export { Start } from "./start.js";
export { NO_RESPONDERS_CODE, StatusError } from "./status.js";
export type { BrokerError, StatusKind } from "./status.js";
export type { Beginning, StreamStart } from "./stream_start.js";
export type { MessageCallback, PullSubscription, Subscription } from "./subscription.js";
export type { WebSocketClass } from "./transport.js";
