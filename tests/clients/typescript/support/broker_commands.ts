// What a suite asks of its brokers, by number, so that a suite in a page can ask as well: there these
// are commands of vitest's browser mode.
import { type BrokerOptions, BrokerProcess } from "./broker_process.js";
import { FakeBroker, type Script } from "./fake_broker.js";

/** The suites in a page come from a port of their own. */
const withPages = (config = "") => `websocket { origins: "*" } ${config}`;

const brokers = new Map<number, BrokerProcess>();
const fakes = new Map<number, FakeBroker>();
let count = 0;

export interface Place {
  id: number;
  url: string;
}

async function startBroker(options: BrokerOptions): Promise<Place> {
  const broker = await BrokerProcess.start({ ...options, config: withPages(options.config) });
  brokers.set(++count, broker);
  return { id: count, url: broker.url };
}

async function stopBroker(id: number, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  await brokers.get(id)!.stop(signal);
}

async function restartBroker(id: number, config?: string): Promise<void> {
  await brokers.get(id)!.start(config === undefined ? undefined : withPages(config));
}

async function closeBroker(id: number): Promise<void> {
  await brokers.get(id)!.close();
  brokers.delete(id);
}

/** The network goes, for a moment. */
async function cutConnections(id: number): Promise<void> {
  brokers.get(id)!.relay.cut();
}

/** The same for who has connected last. */
async function cutNewest(id: number): Promise<void> {
  brokers.get(id)!.relay.cutNewest();
}

async function startFake(script: Script): Promise<Place> {
  const fake = await FakeBroker.start(script);
  fakes.set(++count, fake);
  return { id: count, url: fake.url };
}

/** Resolves with how many connections it had. Again: no effect. */
async function closeFake(id: number): Promise<number> {
  return fakes.get(id)!.close();
}

/** The bytes of the nth message that it is sent, once that has come. */
async function fakeHears(id: number, nth: number): Promise<number[]> {
  return fakes.get(id)!.hears(nth);
}

/** Resolves when a client that sends nothing by itself was told to go: `keepAliveMs` are long over. */
async function outlastKeepAlive(id: number, keepAliveMs: number): Promise<number> {
  return brokers.get(id)!.silentClientIsClosed(keepAliveMs);
}

export const commands = {
  startBroker,
  stopBroker,
  restartBroker,
  closeBroker,
  cutConnections,
  cutNewest,
  startFake,
  closeFake,
  fakeHears,
  outlastKeepAlive,
};

export type Commands = typeof commands;
