// Scenarios of connections: how they begin, end and come back.
import { expect } from "vitest";
import { CLIENT_FRAME } from "../../../../clients/typescript/src/frames.js";
import { decode } from "../../../../clients/typescript/src/schema.js";
import { Gate } from "../support/gate.js";
import {
  clientOf,
  commands,
  connected,
  expectStatus,
  startBroker,
  startFake,
  Told,
} from "../support/harness.js";

export async function connect(): Promise<void> {
  const broker = await startBroker();
  const anna = await connected(broker, { clientId: "anna", name: "A", metadata: { os: "linux" } });
  expect(anna.state).toBe("connected");
  expect(anna.clientId).toBe("anna");
  expect(anna.limits?.frameBytesMax).toBe(1 << 20);
  const nobody = await connected(broker);
  expect(nobody.clientId).not.toBe("");
  expect(nobody.sessionId).toBeGreaterThan(anna.sessionId);
  expect(anna.sessionId).toBeGreaterThan(0);
}

export async function credentials(): Promise<void> {
  const users = `users { name: "a" token: "right" } users { name: "b" password: "word" }`;
  const broker = await startBroker({ config: users });
  await connected(broker, { token: "right" });
  await connected(broker, { user: "b", password: "word" });
  const told = new Told();
  const refused = clientOf(broker, { token: "wrong" }, told);
  expect(await told.wait("close")).toMatchObject({ code: 230, retryable: false });
  expect(refused.state).toBe("closed");
  expect(refused.reason).toMatchObject({ kind: "UNAUTHENTICATED", code: 230 });
  expect(told.states).toEqual(["connecting", "closed"]); // not tried again
  await expectStatus(connected(broker, { user: "b", password: "no" }), "UNAUTHENTICATED", 230);
}

export async function will(): Promise<void> {
  const broker = await startBroker();
  const watcher = await connected(broker);
  const news = await watcher.subscribe("status/+").confirmed;
  const will = { topic: "status/anna", payload: "lost", options: { key: "k" } };
  const lost = await connected(broker, { will, reconnect: false });
  await commands.cutNewest(broker.id);
  expect((await news.receive()).text()).toBe("lost");
  expect(lost.state).toBe("closed");
  const orderly = await connected(broker, { will: { topic: "status/ben", payload: "lost" } });
  await orderly.close();
  watcher.publish("status/end", "");
  expect((await news.receive()).topic).toBe("status/end");
}

export async function closeCodes(): Promise<void> {
  const broker = await startBroker();
  const told = new Told();
  const old = await connected(broker, { clientId: "twin" }, told);
  await connected(broker, { clientId: "twin" });
  const close = await told.wait<{ advice: string }>("close");
  expect(close).toMatchObject({ code: 231, retryable: false });
  expect(close.advice).not.toBe("");
  await told.wait("state:closed");
  expect(old.reason).toMatchObject({ kind: "FAILED_PRECONDITION", code: 231 });
  expect(told.states).toEqual(["connecting", "connected", "closed"]); // taken over: not retried

  const leaving = new Told();
  await connected(broker, {}, leaving);
  await commands.stopBroker(broker.id, "SIGTERM");
  expect(await leaving.wait("goAway")).toMatchObject({ code: 250, retryable: true });
  await leaving.wait("state:waiting");
}

export async function reconnect(): Promise<void> {
  const broker = await startBroker();
  const gate = new Gate();
  const told = new Told();
  const asked: number[] = [];
  const dice = () => asked.push(1) && 0.5;
  const client = await connected(broker, { token: gate.token, dice }, told);
  const heard = await client.subscribe("t").confirmed;
  gate.close();
  await commands.cutConnections(broker.id);
  await told.wait("state:waiting");
  client.publish("t", "buffered");
  expect(client.outgoingBytes).toBeGreaterThan(0);
  gate.open();
  expect((await heard.receive()).text()).toBe("buffered");
  await told.wait("state:connected", 2); // messages may come before
  expect(told.states).toEqual(["connecting", "connected", "waiting", "connecting", "connected"]);
  expect(client.connectsTotal).toBe(2);
  expect(asked.length).toBe(1); // full jitter: random between nothing and the bound
}

export async function keepAlive(): Promise<void> {
  const broker = await startBroker();
  const told = new Told();
  const client = await connected(broker, { keepAliveMs: 300 }, told);
  // One that says nothing and is not asked is sent away, after this client would have been.
  expect(await commands.outlastKeepAlive(broker.id, 300)).toBeGreaterThan(0);
  await client.flush();
  expect(client.connectsTotal).toBe(1);
  await commands.stopBroker(broker.id, "SIGKILL"); // and a dead one is noticed
  expect(await told.wait("state:waiting")).toMatchObject({ kind: "UNAVAILABLE" });
}

export async function websocket(): Promise<void> {
  const broker = await startBroker();
  const client = await connected({ ...broker, url: `${broker.url}/any/path` });
  await client.publishAndWait("t", "x");
  const told = new Told();
  const fake = await startFake({ says: [], closeCode: 4231, closeReason: "taken over" });
  clientOf(fake, {}, told);
  expect(await told.wait("close")).toMatchObject({ code: 231, text: "taken over" });
  expect(await told.wait("state:closed")).toMatchObject({ code: 231 });
}

export async function tokenRefresh(): Promise<void> {
  // Without tickets, which would stand for the tokens.
  const broker = await startBroker({
    config: `ticket_lifetime_seconds: 0
             users { name: "a" token: "first" } users { name: "b" token: "second" }`,
  });
  const tokens = ["first", "second"];
  const told = new Told();
  const token = async () => tokens.shift() ?? Promise.reject(new Error("the vault is closed"));
  const client = await connected(broker, { token }, told);
  await commands.cutConnections(broker.id);
  await told.wait("state:connected", 2);
  expect(tokens).toEqual([]);
  await commands.cutConnections(broker.id);
  await told.wait("state:waiting", 3); // one that fails is asked again
  tokens.push("first");
  await told.wait("state:connected", 3);
  await client.flush();
  await isRefreshed();
  await isRefused();
}

export async function tickets(): Promise<void> {
  const broker = await startBroker({ config: `users { name: "a" token: "first" }` });
  const tokens = ["first"];
  const told = new Told();
  const token = async () => tokens.shift() ?? Promise.reject(new Error("the vault is closed"));
  const client = await connected(broker, { token }, told);
  for (const times of [2, 3]) {
    await commands.cutConnections(broker.id);
    await told.wait("state:connected", times);
    await client.flush();
  }
}

const EXPIRES_AT_ONCE = "06 0a 04 08 01 40 01"; // Connected, with 1 ms
const REFRESHED = "02 62 00"; // for good
const REFRESH_REFUSED = "05 52 03 10 81 01";

/** Over the connection that stands; when the credentials expire all the same, a new one. */
async function isRefreshed(): Promise<void> {
  const script = { says: [EXPIRES_AT_ONCE], answers: [REFRESHED], closeCode: 4233 };
  const fake = await startFake(script);
  const hears = async (nth: number) =>
    decode(CLIENT_FRAME, Uint8Array.from(await commands.fakeHears(fake.id, nth)), 1); // its length
  const tokens = ["first", "second", "third"];
  const told = new Told();
  const token = async () => tokens.shift() ?? Promise.reject(new Error("the vault is closed"));
  clientOf(fake, { token }, told);
  expect((await hears(1)).connect?.token).toBe("first");
  expect((await hears(2)).refresh).toEqual({ id: 0, token: "second" });
  expect(await told.wait("close")).toMatchObject({ code: 233, retryable: false });
  expect((await hears(3)).connect?.token).toBe("third");
  expect(await told.wait("error")).toMatchObject({ kind: "UNAVAILABLE", code: 0 });
  expect(told.states).toEqual(["connecting", "connected", "waiting", "connecting", "connected"]);
}

async function isRefused(): Promise<void> {
  const told = new Told();
  const fake = await startFake({ says: [EXPIRES_AT_ONCE], answers: [REFRESH_REFUSED] });
  const client = clientOf(fake, { token: () => "other" }, told);
  expect(await told.wait("error")).toMatchObject({ code: 129 });
  expect(client.state).toBe("connected");
}
