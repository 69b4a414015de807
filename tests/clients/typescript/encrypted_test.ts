// wss:// to the real broker, in Node: who is believed, who is let in, and what is said where it fails.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { ClientOptions } from "@esockets/client";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { Authority, type Certificate, LOOPBACK } from "./support/authority.js";
import { type BrokerOptions, BrokerProcess } from "./support/broker_process.js";
import { built } from "./support/built.js";
import { atEnd, clientOf, connected, Told } from "./support/harness.js";

let authority: Authority;
let ofBroker: Certificate;
let ofOtherName: Certificate;

beforeAll(async () => {
  authority = await Authority.create();
  ofBroker = await authority.issue("/CN=broker", LOOPBACK);
  ofOtherName = await authority.issue("/CN=broker", "DNS:broker.example.org");
});

const shows = ({ chainFile, keyFile }: Certificate) =>
  `certificate { chain_file: "${chainFile}" key_file: "${keyFile}" }`;

async function start(certificate = ofBroker, options: BrokerOptions = {}): Promise<BrokerProcess> {
  const broker = await BrokerProcess.start({ tls: shows(certificate), ...options });
  atEnd(() => broker.close());
  return broker;
}

const at = (url: string) => ({ id: 0, url });

async function fails(url: string, options: ClientOptions, ...words: string[]): Promise<void> {
  const failure: unknown = await connected(at(url), options).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "StatusError", kind: "UNAVAILABLE", code: 0 });
  for (const word of words) expect((failure as Error).message).toContain(word);
}

describe("over TLS", () => {
  test.each(["127.0.0.1", "localhost"])(
    "a thousand messages there and back, by %s",
    async (host) => {
      const broker = await start();
      const tls = { ca: authority.ca };
      const client = await connected(at(broker.url.replace("127.0.0.1", host)), { tls });
      const subscription = await client.subscribe("t/#").confirmed;
      for (let i = 0; i < 1000; ++i) client.publish(`t/${i}`, `message ${i}`);
      for (let i = 0; i < 1000; ++i) {
        const message = await subscription.receive();
        expect([message.topic, message.text()]).toEqual([`t/${i}`, `message ${i}`]);
      }
    },
  );

  test("large messages, compressed and not", async () => {
    const broker = await start();
    const payload = Buffer.alloc(900_000, "0123456789");
    for (const perMessageDeflate of [false, true]) {
      const options = { tls: { ca: authority.ca }, webSocketOptions: { perMessageDeflate } };
      const client = await connected(at(broker.url), options);
      const subscription = await client.subscribe("t").confirmed;
      for (let i = 0; i < 5; ++i) await client.publishAndWait("t", payload);
      for (let i = 0; i < 5; ++i) {
        expect(payload.equals((await subscription.receive()).payload)).toBe(true);
      }
      await client.close();
    }
  });

  test("the broker restarts, and the client comes back", async () => {
    const broker = await start();
    const told = new Told();
    const client = await connected(at(broker.url), { tls: { ca: authority.ca } }, told);
    const subscription = await client.subscribe("t").confirmed;
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      const down = told.next("state:waiting");
      const up = told.next("state:connected");
      await broker.stop(signal);
      await down;
      client.publish("t", `buffered before ${signal}`);
      await broker.start();
      await up;
      expect((await subscription.receive()).text()).toBe(`buffered before ${signal}`);
    }
    expect(client.connectsTotal).toBe(3);
  });
});

describe("the broker's certificate", () => {
  test("of an authority that is not trusted", async () => {
    const broker = await start();
    const { ca } = await Authority.create();
    await fails(broker.url, { tls: { ca } }, "the broker's certificate is not believed");
    await fails(broker.url, {}, "the broker's certificate is not believed"); // by Node's own list
  });

  test("of another name, unless that is what is asked for", async () => {
    const broker = await start(ofOtherName);
    const { ca } = authority;
    await fails(broker.url, { tls: { ca } }, "certificate", "IP: 127.0.0.1 is not in");
    await connected(at(broker.url), { tls: { ca, serverName: "broker.example.org" } });
    await fails(broker.url, { tls: { ca, serverName: "other.example.org" } }, "certificate");
  });

  test("is not looked at when the program says so", async () => {
    const broker = await start(ofOtherName);
    const client = await connected(at(broker.url), { tls: { verify: false } });
    await client.publishAndWait("t", "x");
  });

  test("is tried again: it may have been renewed", async () => {
    const broker = await start(ofOtherName);
    const told = new Told();
    clientOf(at(broker.url), { tls: { ca: authority.ca } }, told);
    expect(await told.wait("state:waiting")).toMatchObject({ kind: "UNAVAILABLE" });
    await told.wait("state:waiting", 2);
    const renewed = await start();
    broker.relay.brokerPort = renewed.relay.brokerPort;
    await told.wait("state:connected");
  });
});

/** Speaks WebSocket over TLS, and counts what comes out of it. */
async function countingServer({ chainFile, keyFile }: Certificate) {
  const [cert, key] = [chainFile, keyFile].map((file) => readFileSync(file));
  const server = createServer({ cert, key });
  const webSockets = new WebSocketServer({ server });
  const seen = { connections: 0, bytes: 0, text: "" };
  let onConnectionEnd = () => {};
  server.on("connection", (socket) => {
    ++seen.connections;
    socket.on("close", () => onConnectionEnd());
  });
  server.on("secureConnection", (socket) => {
    socket.on("data", (data: Buffer) => (seen.bytes += data.length));
  });
  webSockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      seen.text += data.toString("latin1");
      socket.terminate();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => new Promise((resolve) => server.close(resolve)));
  const connectionEnds = () => new Promise<void>((resolve) => (onConnectionEnd = resolve));
  const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, connectionEnds };
}

describe("credentials", () => {
  test("are told to nobody whose certificate is not believed", async () => {
    const server = await countingServer(ofOtherName);
    const secrets = { user: "alice", password: "a secret", reconnect: false };
    for (const tls of [{ ca: authority.ca }, {}]) {
      const ended = server.connectionEnds();
      await fails(server.url, { ...secrets, tls }, "certificate");
      await ended;
    }
    expect(server.seen).toEqual({ connections: 2, bytes: 0, text: "" });
    // The count counts.
    await fails(server.url, { ...secrets, tls: { verify: false } });
    expect(server.seen.bytes).toBeGreaterThan(0);
    expect(server.seen.text).toContain("a secret");
  });
});

describe("the client's certificate", () => {
  const asks = () =>
    `${shows(ofBroker)} client_certificates: "REQUIRED" client_ca_file: "${authority.caFile}"`;

  test("tells the broker who it is", async () => {
    const broker = await start(ofBroker, { tls: asks() });
    const alice = await authority.issue("/CN=alice", "DNS:alice.example.org");
    const [cert, key] = [readFileSync(alice.chainFile, "utf8"), readFileSync(alice.keyFile)];
    const client = await connected(at(broker.url), { tls: { ca: authority.ca, cert, key } });
    const flags = [`--server=127.0.0.1:${broker.plainPort}`, "clients", "--json"];
    const { stdout } = await promisify(execFile)(built("clients/cli/esockets"), flags);
    const known = { client_id: client.clientId, user: "alice", transport: "websocket+tls" };
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining(known));
  });

  test("is required, and not there, or of somebody else's authority", async () => {
    const broker = await start(ofBroker, { tls: asks() });
    const { ca } = authority;
    await fails(broker.url, { tls: { ca } }, "the TLS handshake failed", "certificate required");
    const other = await (await Authority.create()).issue("/CN=alice", "DNS:alice.example.org");
    const [cert, key] = [readFileSync(other.chainFile), readFileSync(other.keyFile)];
    await fails(broker.url, { tls: { ca, cert, key } }, "the TLS handshake failed", "unknown ca");
  });

  test("that cannot be read is the end", async () => {
    const broker = await start();
    const told = new Told();
    clientOf(at(broker.url), { tls: { ca: authority.ca, cert: "no", key: "PEM" } }, told);
    expect(await told.wait("state:closed")).toMatchObject({ kind: "INVALID_ARGUMENT" });
  });
});

describe("the wrong port", () => {
  test("wss:// where no TLS is spoken", async () => {
    const broker = await start();
    const url = `wss://127.0.0.1:${broker.plainPort}`;
    await fails(url, {}, url, "the TLS handshake failed", "does this port speak TLS?");
  });

  test("ws:// where TLS alone is spoken", async () => {
    const broker = await start();
    await fails(broker.url.replace("wss", "ws"), {}, "HTTP 400", "use https or wss");
  });
});

describe("pages that the broker has served", () => {
  const ofPage = (origin: string) => ({ tls: { ca: authority.ca }, webSocketOptions: { origin } });

  test("over https may connect, others may not", async () => {
    const broker = await start();
    const own = broker.url.replace("wss", "https");
    await connected(at(broker.url), ofPage(own));
    for (const other of [own.replace("https", "http"), "https://127.0.0.1", "null"]) {
      await fails(broker.url, ofPage(other), "HTTP 403", `pages of ${other} may not connect`);
    }
  });
});
