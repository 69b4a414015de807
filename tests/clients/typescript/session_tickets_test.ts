// A session that comes back with what the broker has given it.
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ClientImpl } from "../../../clients/typescript/src/client_impl.js";
import type { ClientEvents } from "../../../clients/typescript/src/events.js";
import type { ClientOptions } from "../../../clients/typescript/src/options.js";
import { toStatus } from "../../../clients/typescript/src/status.js";
import { FakeTransport } from "./support/fake_transport.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bytes = (text: string) => new TextEncoder().encode(text);

/** Connected, with a ticket. */
async function begin(options: ClientOptions = {}, events: ClientEvents = {}) {
  const transport = new FakeTransport();
  const states: string[] = [];
  const onStateChange = (state: string) => void states.push(state);
  const timing = { backoffMinMs: 100, backoffMaxMs: 100, dice: () => 0.5 };
  const impl = new ClientImpl({ ...timing, ...options }, { onStateChange, ...events }, transport);
  impl.session.start();
  await vi.advanceTimersByTimeAsync(0);
  transport.connect({ ticket: bytes("one") });
  expect(shown(transport)).toEqual([options.user ?? "", expect.any(String), ""]);
  return { transport, states, impl };
}

/** The same, with a function that gives "t1", "t2", and so on. */
async function beginAsking(events: ClientEvents = {}) {
  const token = vi.fn(() => `t${token.mock.calls.length}`);
  return { token, ...(await begin({ token }, events)) };
}

/** User, token and ticket of the Connect that was heard. */
function shown(transport: FakeTransport): string[] {
  const [connect] = transport.heard();
  if (connect?.case !== "connect") throw new Error(`heard ${connect?.case}`);
  const { user, token, resume } = connect.value;
  return [user, token, new TextDecoder().decode(resume)];
}

/** What the next connection begins with. */
async function comeBack(transport: FakeTransport): Promise<string[]> {
  await vi.advanceTimersByTimeAsync(50);
  transport.listener.onUp();
  return shown(transport);
}

function breakAndComeBack(transport: FakeTransport): Promise<string[]> {
  transport.break();
  return comeBack(transport);
}

describe("session: tickets", () => {
  test("the last one is shown to come back", async () => {
    const { transport } = await begin({ token: "t" });
    expect(await breakAndComeBack(transport)).toEqual(["", "t", "one"]);
    // Nobody knows whether it was taken.
    expect(await breakAndComeBack(transport)).toEqual(["", "t", "one"]);
    transport.say({ connected: { ticket: bytes("two") } });
    expect(await breakAndComeBack(transport)).toEqual(["", "t", "two"]);
  });

  test("GoAway gives another", async () => {
    const { transport } = await begin({ user: "u", password: "p" });
    transport.say({ goAway: { code: 250 } });
    expect(await breakAndComeBack(transport)).toEqual(["u", "", "one"]);
    transport.say({ connected: { ticket: bytes("one") } });
    transport.say({ goAway: { code: 250, ticket: bytes("two") } });
    transport.say({ close: { code: 250, retryable: true } });
    expect(await comeBack(transport)).toEqual(["u", "", "two"]);
  });

  test("Connected without one takes it away", async () => {
    const { transport } = await begin();
    expect(await breakAndComeBack(transport)).toEqual(["", "", "one"]);
    transport.say({ connected: {} });
    expect(await breakAndComeBack(transport)).toEqual(["", "", ""]);
  });

  test("nobody is asked for a token while there is a ticket", async () => {
    const { transport, token } = await beginAsking();
    expect(await breakAndComeBack(transport)).toEqual(["", "", "one"]);
    transport.say({ connected: { ticket: bytes("two"), credentialsExpireInMs: 1000n } });
    expect(token).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(800);
    expect(transport.heard()).toMatchObject([{ case: "refresh", value: { token: "t2" } }]);
  });

  test("one that is refused is followed by a token", async () => {
    const { transport, token, states } = await beginAsking();
    await breakAndComeBack(transport);
    transport.say({ close: { code: 230 } });
    expect(states.at(-1)).toBe("waiting");
    expect(await comeBack(transport)).toEqual(["", "t2", ""]);
    transport.say({ close: { code: 230 } });
    expect(states.at(-1)).toBe("closed");
    expect(token).toHaveBeenCalledTimes(2);
  });

  test("so is one that is refused in the code of the WebSocket alone", async () => {
    const { transport, states } = await beginAsking();
    await breakAndComeBack(transport);
    const words = { text: "", detail: "", advice: "" };
    const close = { code: 230, retryable: false, retryAfterMs: 0, ...words };
    transport.listener.onDown(toStatus(close), false, close);
    expect(states.at(-1)).toBe("waiting");
    expect(await comeBack(transport)).toEqual(["", "t2", ""]);
  });

  test("one that is refused with other credentials is the end", async () => {
    const { transport, states } = await begin({ token: "t" });
    await breakAndComeBack(transport);
    transport.say({ close: { code: 230 } });
    expect(states.at(-1)).toBe("closed");
  });

  test.each([
    ["expired", { code: 233 }],
    ["revoked", { code: 235, retryable: true }],
  ])("%s credentials take the ticket along", async (_, close) => {
    const { transport } = await beginAsking();
    transport.say({ close });
    expect(await comeBack(transport)).toEqual(["", "t2", ""]);
  });

  test("no text has one", async () => {
    const heard: unknown[] = [];
    const note = (...said: unknown[]) => void heard.push(said);
    const events = { onStateChange: note, onGoAway: note, onClose: note };
    const { transport, impl } = await beginAsking(events);
    transport.say({ goAway: { code: 250, text: "leave", ticket: bytes("s3cret") } });
    expect(await breakAndComeBack(transport)).toEqual(["", "", "s3cret"]);
    transport.say({ close: { code: 230, text: "no", detail: "it is used" } });
    expect(heard.length).toBeGreaterThan(5);
    const { session, options } = impl;
    const printed = inspect([heard, { ...session }, options], { depth: 9, maxArrayLength: null });
    expect(printed).not.toMatch(new RegExp(`s3cret|${bytes("s3cret").join("[, \\n]+")}`));
  });
});
