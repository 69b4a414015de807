// Where a suite runs: in Node it calls the commands, in a page it has vitest call them.
import { Client, type ClientEvents, type ClientOptions, type State } from "@esockets/client";
import { afterEach, expect } from "vitest";
import type { BrokerOptions } from "./broker_process.js";
import type { Commands, Place } from "./broker_commands.js";
import type { Script } from "./fake_broker.js";

export const inPage = "document" in globalThis;

async function loadCommands(): Promise<Commands> {
  if (inPage) return (await import("vitest/browser")).commands as unknown as Commands;
  return (await import("./broker_commands.js")).commands;
}

export const commands = await loadCommands();

/** Node 20 has no WebSocket of its own. */
export const platform: ClientOptions = inPage ? {} : { webSocket: (await import("ws")).WebSocket };

const cleanups: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** After the test, the last one first. */
export function atEnd(cleanup: () => Promise<unknown> | void): void {
  cleanups.push(cleanup);
}

export async function startBroker(options: BrokerOptions = {}): Promise<Place> {
  const broker = await commands.startBroker(options);
  atEnd(() => commands.closeBroker(broker.id));
  return broker;
}

export async function startFake(script: Script): Promise<Place> {
  const fake = await commands.startFake(script);
  atEnd(() => commands.closeFake(fake.id));
  return fake;
}

/** What a client tells, in the order in which it does; and waits for it. */
export class Told implements ClientEvents {
  readonly all: { name: string; what: unknown }[] = [];
  readonly states: State[] = [];
  #waiters: (() => void)[] = [];

  onStateChange(state: State, reason?: unknown): void {
    this.states.push(state);
    this.#tell(`state:${state}`, reason);
  }
  onGap(what: unknown): void {
    this.#tell("gap", what);
  }
  onSnapshotEnd(what: unknown): void {
    this.#tell("snapshotEnd", what);
  }
  onResumed(what: unknown): void {
    this.#tell("resumed", what);
  }
  onClose(what: unknown): void {
    this.#tell("close", what);
  }
  onGoAway(what: unknown): void {
    this.#tell("goAway", what);
  }
  onError(what: unknown): void {
    this.#tell("error", what);
  }

  #tell(name: string, what: unknown): void {
    this.all.push({ name, what });
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  of(name: string): unknown[] {
    return this.all.filter((one) => one.name === name).map(({ what }) => what);
  }

  /** What the first of this name is told with that comes after this call. */
  next<T>(name: string): Promise<T> {
    return this.wait<T>(name, this.of(name).length + 1);
  }

  /** What the nth of this name was told with. */
  async wait<T>(name: string, nth = 1): Promise<T> {
    while (this.of(name).length < nth) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    return this.of(name)[nth - 1] as T;
  }
}

export function clientOf(place: Place, options: ClientOptions = {}, events: ClientEvents = {}) {
  const client = Client.create({ ...platform, address: place.url, ...QUICK, ...options }, events);
  atEnd(() => client.close(1000).catch(() => {}));
  return client;
}

/** A test does not wait for the seconds that are right for programs. */
const QUICK: ClientOptions = { backoffMinMs: 1, backoffMaxMs: 20 };

export async function connected(place: Place, options: ClientOptions = {}, events?: ClientEvents) {
  const all = { ...platform, address: place.url, ...QUICK, ...options };
  const client = await Client.connect(all, events);
  atEnd(() => client.close(1000).catch(() => {}));
  return client;
}

/** Rejects with a StatusError of this kind, and of this code where the broker has said it. */
export async function expectStatus(promise: Promise<unknown>, kind: string, code = 0) {
  await expect(promise).rejects.toMatchObject({ name: "StatusError", kind, code });
}

export const enough = { timeoutMs: 10_000 }; // to give up, never to measure
