// The scenarios by the ids of tests/conformance/features.json, but for those that only Node can run.
import * as connections from "./connections.js";
import * as publishing from "./publishing.js";
import * as requests from "./requests.js";
import * as streams from "./streams.js";
import * as subscribing from "./subscribing.js";

export type Scenario = () => Promise<void>;

export const SCENARIOS: Record<string, Scenario> = {
  connect: connections.connect,
  credentials: connections.credentials,
  publish: publishing.publish,
  publish_and_wait: publishing.publishAndWait,
  publish_and_store: publishing.publishAndStore,
  publish_and_confirm: publishing.publishAndConfirm,
  subscribe: subscribing.subscribe,
  subscribe_iterator: subscribing.subscribeIterator,
  subscribe_pull: subscribing.subscribePull,
  overflow: subscribing.overflow,
  headers: publishing.headers,
  request: requests.request,
  request_many: requests.requestMany,
  reply: requests.reply,
  groups: subscribing.groups,
  stream_start: streams.streamStart,
  resume: streams.resume,
  last_values: streams.lastValues,
  presence: requests.presence,
  will: connections.will,
  gaps: subscribing.gaps,
  close_codes: connections.closeCodes,
  reconnect: connections.reconnect,
  keep_alive: connections.keepAlive,
  flush_and_close: publishing.flushAndClose,
  websocket: connections.websocket,
  token_refresh: connections.tokenRefresh,
  tickets: connections.tickets,
};
