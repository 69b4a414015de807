import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ClientImpl } from "../../../clients/typescript/src/client_impl.js";
import type { ClientEvents } from "../../../clients/typescript/src/events.js";
import type { ClientOptions } from "../../../clients/typescript/src/options.js";
import { toStatus } from "../../../clients/typescript/src/status.js";
import { CallbackSubscriber } from "../../../clients/typescript/src/subscription.js";
import { FakeTransport } from "./support/fake_transport.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const turn = () => vi.advanceTimersByTimeAsync(0);

/** A session with all that it needs, whose client has begun to dial. */
async function begin(options: ClientOptions = {}, events: ClientEvents = {}) {
  const transport = new FakeTransport();
  const states: string[] = [];
  const impl = new ClientImpl(
    { backoffMinMs: 100, backoffMaxMs: 1000, dice: () => 0.5, ...options },
    { onStateChange: (state, why) => states.push(why ? `${state} ${why.kind}` : state), ...events },
    transport,
  );
  impl.session.start();
  await turn();
  return { transport, impl, states, session: impl.session, outgoing: impl.outgoing };
}

async function up(options: ClientOptions = {}, events: ClientEvents = {}) {
  const all = await begin(options, events);
  all.transport.connect();
  all.transport.heard();
  return all;
}

const publish = (impl: ClientImpl, topic: string) =>
  impl.outgoing.add(impl.frame(topic, "", {}, 0));

describe("session: a connection, from its beginning", () => {
  test("greets, and is connected when the broker has answered", async () => {
    const { transport, states, session } = await begin({ clientId: "c", token: "t" });
    expect(transport.kinds()).toEqual([]);
    transport.listener.onUp();
    const [connect] = transport.heard();
    expect(connect).toMatchObject({ case: "connect", value: { clientId: "c", token: "t" } });
    expect(states).toEqual(["connecting"]);
    transport.say({ connected: { clientId: "c", inbox: "i", limits: { frameBytesMax: 9 } } });
    expect(states).toEqual(["connecting", "connected"]);
    expect(session).toMatchObject({ clientId: "c", inbox: "i", connectsTotal: 1 });
    expect(session.limits?.frameBytesMax).toBe(9);
    expect(vi.getTimerCount()).toBe(0); // and no timer that a hidden page would slow down
  });

  test("everything is subscribed before it is connected", async () => {
    const { transport, impl, states } = await begin();
    const heard: string[] = [];
    const add = (filter: string) =>
      impl.subscribe(filter, {}, new CallbackSubscriber(({ topic }) => heard.push(topic)))
        .confirmed;
    const [a, b] = [add("a"), add("b")];
    transport.connect();
    expect(transport.kinds()).toEqual(["connect", "subscribe", "subscribe"]);
    transport.say({ subscribed: { id: 1n } }, { message: { topic: "a" } });
    await a;
    expect(states).toEqual(["connecting"]);
    transport.say({ subscribed: { id: 2n } });
    await b;
    expect(states).toEqual(["connecting", "connected"]);
    expect(heard).toEqual(["a"]);
  });

  test("a token for each connect; one that fails is asked again", async () => {
    const tokens = ["one", undefined, "two"];
    const token = async () => tokens.shift() ?? Promise.reject(new Error("closed"));
    const { transport, states } = await begin({ token });
    transport.connect();
    expect(transport.heard()[0]).toMatchObject({ value: { token: "one" } });
    transport.break();
    await vi.advanceTimersByTimeAsync(50);
    expect(states.slice(-2)).toEqual(["connecting", "waiting UNAVAILABLE"]);
    await vi.advanceTimersByTimeAsync(100);
    transport.connect();
    expect(transport.heard()[0]).toMatchObject({ value: { token: "two" } });
  });

  test("expired credentials: a wait and a fresh token, if there is who gives one", async () => {
    const tokens = ["one", "two", "three"];
    const closes: number[] = [];
    const { transport, states } = await begin(
      { token: () => tokens.shift()! },
      { onClose: ({ code }) => closes.push(code) },
    );
    transport.listener.onUp();
    transport.say({ close: { code: 233 } }); // of Connect
    await vi.advanceTimersByTimeAsync(50);
    transport.connect();
    expect(transport.heard().at(-1)).toMatchObject({ value: { token: "two" } });
    const close = {
      code: 233,
      text: "",
      detail: "",
      retryable: false,
      retryAfterMs: 0,
      advice: "",
    };
    transport.listener.onDown(toStatus(close), false, close); // by the WebSocket's code alone
    expect(states.at(-1)).toBe("waiting UNAUTHENTICATED");
    await vi.advanceTimersByTimeAsync(100);
    transport.connect();
    expect(transport.heard().at(-1)).toMatchObject({ value: { token: "three" } });
    transport.say({ close: { code: 230 } });
    expect(states.at(-1)).toBe("closed UNAUTHENTICATED");
    expect(closes).toEqual([233, 233, 230]);
  });

  test.each<[string, ClientOptions]>([
    ["without who gives another token", { token: "one" }],
    ["without reconnect", { token: () => "one", reconnect: false }],
  ])("expired credentials %s are the end", async (_which, options) => {
    const { transport, states } = await up(options);
    transport.say({ close: { code: 233 } });
    expect(states.at(-1)).toBe("closed UNAUTHENTICATED");
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(["a token that never comes", "a broker that never answers"])("%s", async (which) => {
    const token = which.startsWith("a token") ? () => new Promise<string>(() => {}) : "";
    const { transport, states } = await begin({ token, connectTimeoutMs: 500 });
    if (token === "") transport.listener.onUp();
    await vi.advanceTimersByTimeAsync(500);
    expect(states).toEqual(["connecting", "waiting DEADLINE_EXCEEDED"]);
    expect(transport.drops).toEqual([false]);
  });
});

describe("session: while it stands", () => {
  test("what is published in one go leaves in one piece, in order", async () => {
    const { transport, impl } = await up();
    for (const topic of ["a", "b", "c"]) publish(impl, topic);
    expect(transport.heard()).toEqual([]);
    await turn();
    expect(transport.heard().map((said) => (said.value as { topic: string }).topic)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  test("a congested connection gets nothing until it is not", async () => {
    const { transport, impl, outgoing } = await up();
    transport.congested = true;
    publish(impl, "a");
    await turn();
    expect(transport.kinds()).toEqual([]);
    expect(outgoing.bytes).toBeGreaterThan(0);
    transport.congested = false;
    transport.listener.onUncongested();
    expect(transport.kinds()).toEqual(["publish"]);
  });

  test("who is paused reads nothing, and loses nothing", async () => {
    const { transport, impl, session } = await up();
    const heard: string[] = [];
    void impl.subscribe("#", {}, new CallbackSubscriber(({ topic }) => heard.push(topic)))
      .confirmed;
    session.pauseRead();
    session.pauseRead();
    transport.say({ message: { topic: "a" } }, { message: { topic: "b" } });
    session.resumeRead();
    await turn();
    expect(heard).toEqual([]);
    session.resumeRead();
    await turn();
    expect(heard).toEqual(["a", "b"]);
    expect([transport.pauses, transport.resumes]).toEqual([2, 1]);
  });

  test("what nobody reads for too long ends the connection", async () => {
    const { transport, session, states } = await up();
    session.pauseRead();
    for (let i = 0; i < 65; ++i) transport.listener.onBytes(new Uint8Array(1 << 20));
    expect(states.at(-1)).toBe("waiting RESOURCE_EXHAUSTED");
  });

  test("a refusal that nobody waits for", async () => {
    const errors: number[] = [];
    const { transport } = await up({}, { onError: ({ code }) => errors.push(code) });
    transport.say({ error: { id: 0n, code: 110 } });
    transport.say({ error: { id: 99n, code: 114 } }); // of a late Unsubscribe
    transport.say({ error: { id: 99n, code: 150 } }); // of a request whose time was over
    expect(errors).toEqual([110]);
  });
});

describe("session: credentials that expire", () => {
  /** They do after a second. */
  async function upWith(tokens: string[], events: ClientEvents = {}) {
    const all = await begin({ token: () => tokens.shift()! }, events);
    all.transport.connect({ credentialsExpireInMs: 1000n });
    all.transport.heard();
    return all;
  }
  const refresh = (token: string) => ({ case: "refresh", value: { id: 0n, token } });

  test("a fresh token goes out over the connection that stands", async () => {
    const { transport, states } = await upWith(["one", "two", "three"]);
    await vi.advanceTimersByTimeAsync(800);
    expect(transport.heard()).toMatchObject([refresh("two")]);
    transport.say({ refreshed: { credentialsExpireInMs: 10_000n } });
    await vi.advanceTimersByTimeAsync(8000);
    expect(transport.heard()).toMatchObject([refresh("three")]);
    transport.say({ refreshed: {} });
    expect(vi.getTimerCount()).toBe(0);
    expect(states).toEqual(["connecting", "connected"]);
  });

  test("a refused token is told once, and the old one counts on", async () => {
    const errors: number[] = [];
    const onError = ({ code }: { code: number }) => errors.push(code);
    const { transport, states } = await upWith(["one", "two", "three"], { onError });
    await vi.advanceTimersByTimeAsync(800);
    transport.say({ error: { code: 129, text: "the new token was not accepted" } });
    expect(errors).toEqual([129]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(transport.heard()).toMatchObject([refresh("two"), refresh("three")]);
    transport.say({ refreshed: {} });
    expect([errors, states]).toEqual([[129], ["connecting", "connected"]]);
  });

  test.each<[string, (all: Awaited<ReturnType<typeof upWith>>) => void]>([
    ["that is lost", ({ transport }) => transport.break()],
    ["that the client is about to leave", ({ session }) => session.close()],
    ["of a client that has ended", ({ session }) => session.end(undefined)],
  ])("nothing goes out over a connection %s", async (_which, end) => {
    const tokens = ["one", "two", "three"];
    const all = await upWith(tokens);
    await vi.advanceTimersByTimeAsync(799);
    end(all);
    await vi.advanceTimersByTimeAsync(1000);
    expect(all.transport.kinds()).not.toContain("refresh");
  });

  test("nothing goes out over a connection that is made for what is buffered alone", async () => {
    const { transport, impl, session } = await begin({ token: () => "one" });
    publish(impl, "a");
    session.close();
    transport.connect({ credentialsExpireInMs: 1000n });
    await vi.advanceTimersByTimeAsync(1000);
    expect(transport.kinds()).toEqual(["connect", "publish", "disconnect"]);
  });
});

describe("session: events of a page", () => {
  test("the network is back: at once", async () => {
    const { transport, session } = await up();
    transport.break();
    session.wake(false); // looked at, before its time
    await turn();
    expect(transport.dials).toBe(1);
    session.wake(true);
    await turn();
    expect(transport.dials).toBe(2);
  });

  test("a connection that stood is asked whether it does", async () => {
    const { transport, session, states } = await up({ connectTimeoutMs: 500 });
    session.wake(true);
    expect(transport.kinds()).toEqual(["ping"]);
    transport.say({ pong: { id: 0n } });
    await vi.advanceTimersByTimeAsync(500);
    expect(states.at(-1)).toBe("connected");
    session.wake(false);
    await vi.advanceTimersByTimeAsync(500);
    expect(states.at(-1)).toBe("waiting UNAVAILABLE");
  });
});

describe("session: to its end", () => {
  test("the waits are random below a bound that doubles, and begin again", async () => {
    const { transport } = await up();
    for (const waitMs of [50, 100, 200, 400, 500, 500]) {
      transport.break();
      const dials = transport.dials;
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(transport.dials).toBe(dials);
      await vi.advanceTimersByTimeAsync(1);
      expect(transport.dials).toBe(dials + 1);
    }
    transport.connect();
    await vi.advanceTimersByTimeAsync(1000); // one that lasted
    transport.break();
    const dials = transport.dials;
    await vi.advanceTimersByTimeAsync(50);
    expect(transport.dials).toBe(dials + 1);
  });

  test("the broker's wish comes on top", async () => {
    const { transport, states } = await up();
    transport.say({ goAway: { code: 250, retryAfterMs: 2000 } });
    transport.say({ close: { code: 250, retryable: true, retryAfterMs: 1000 } });
    expect(states.at(-1)).toBe("waiting UNAVAILABLE");
    await vi.advanceTimersByTimeAsync(2049);
    expect(transport.dials).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(transport.dials).toBe(2);
    expect(transport.drops).toEqual([true]);
  });

  test("after GoAway nothing is sent any more", async () => {
    const { transport, impl } = await up();
    transport.say({ goAway: { code: 250 } });
    publish(impl, "a");
    await turn();
    expect(transport.kinds()).toEqual([]);
    transport.break();
    await vi.advanceTimersByTimeAsync(50);
    transport.connect();
    await turn();
    expect(transport.kinds()).toEqual(["connect", "publish"]);
  });

  test("what is not retryable is the end", async () => {
    const { transport, impl, states } = await up();
    const waiting = impl.flush(1000);
    transport.say({ close: { code: 231, text: "taken over" } });
    expect(states.at(-1)).toBe("closed FAILED_PRECONDITION");
    await expect(waiting).rejects.toMatchObject({ code: 231 });
    expect(() => publish(impl, "a")).toThrow("taken over");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("close sends what is buffered, says goodbye, and waits for the end", async () => {
    const { transport, impl, session, states } = await up();
    publish(impl, "a");
    session.close();
    expect(transport.kinds()).toEqual(["publish", "disconnect"]);
    expect(states.at(-1)).toBe("connected");
    transport.say({ close: { code: 200, retryable: true } });
    expect(states.at(-1)).toBe("closed");
    expect(transport.dials).toBe(1);
  });

  test("close without a connection waits for one only with something to send", async () => {
    const idle = await begin();
    idle.session.close();
    expect(idle.states.at(-1)).toBe("closed");
    const { transport, impl, session, states } = await begin();
    publish(impl, "a");
    session.close();
    expect(states.at(-1)).toBe("connecting");
    transport.connect();
    expect(transport.kinds()).toEqual(["connect", "publish", "disconnect"]);
    transport.break();
    expect(states.at(-1)).toBe("closed");
  });

  test("what a callback throws is thrown elsewhere", async () => {
    const thrown: (() => void)[] = [];
    const queued = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => {
      thrown.push(task);
    });
    const { transport, impl } = await up();
    const heard: string[] = [];
    const wrong = () => {
      throw new Error("mine");
    };
    void impl.subscribe("a", {}, new CallbackSubscriber(wrong)).confirmed;
    void impl.subscribe("#", {}, new CallbackSubscriber(({ topic }) => heard.push(topic)))
      .confirmed;
    thrown.length = 0;
    transport.say({ message: { topic: "a" } }, { message: { topic: "b" } });
    expect(heard).toEqual(["a", "b"]);
    expect(thrown[0]).toThrow("mine");
    queued.mockRestore();
  });
});
