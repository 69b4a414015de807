// One scenario for each feature of tests/conformance/features.json, against the real broker, and the
// column of this client in the table of clients/README.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import * as connections from "./conformance/connections.js";
import * as publishing from "./conformance/publishing.js";
import * as requests from "./conformance/requests.js";
import * as streams from "./conformance/streams.js";
import * as subscribing from "./conformance/subscribing.js";

type Scenario = () => Promise<void>;

/** What this client does not have: why. */
const NOT_HERE = "a WebSocket is what browsers and Node share";

const FEATURES: Record<string, Scenario | string> = {
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
  tcp: NOT_HERE,
  unix: NOT_HERE,
  websocket: connections.websocket,
  token_refresh: connections.tokenRefresh,
  vectors: publishing.vectors,
};

describe("conformance", () => {
  const outcome: Record<string, string> = {};

  for (const [id, scenario] of Object.entries(FEATURES)) {
    if (typeof scenario === "string") {
      outcome[id] = `no: ${scenario}`;
      continue;
    }
    test(id, async () => {
      await scenario();
      outcome[id] = "yes";
    });
  }

  afterAll(() => {
    const folder = process.env["TEST_UNDECLARED_OUTPUTS_DIR"];
    if (!folder) return;
    const features = Object.fromEntries(
      Object.keys(FEATURES).map((id) => [id, outcome[id] ?? "no: its scenario has failed"]),
    );
    mkdirSync(folder, { recursive: true });
    const column = JSON.stringify({ client: "typescript", features }, null, 2);
    writeFileSync(join(folder, "features.json"), `${column}\n`);
  });
});
