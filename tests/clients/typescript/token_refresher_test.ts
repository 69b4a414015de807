import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLIENT_DEFAULTS, type ClientOptions } from "../../../clients/typescript/src/options.js";
import { StatusError } from "../../../clients/typescript/src/status.js";
import { TokenRefresher } from "../../../clients/typescript/src/token_refresher.js";
import { FakeTransport } from "./support/fake_transport.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const DAY_MS = 86_400_000;

/** `heard`: the tokens of the Refreshes since the last call. */
function setUp(token: ClientOptions["token"], options: ClientOptions = {}) {
  const transport = new FakeTransport();
  const errors: StatusError[] = [];
  const all = { ...CLIENT_DEFAULTS, metadata: {}, dice: () => 0.5, ...options, token: token ?? "" };
  const onError = (error: StatusError) => void errors.push(error);
  const refresher = new TokenRefresher(transport, all, { onError });
  const heard = () => transport.heard().map((said) => (said.value as { token: string }).token);
  return { refresher, errors, heard, transport };
}

/** Gives "1", "2", and so on. */
function counting() {
  let count = 0;
  return () => String(++count);
}

describe("token refresher: before a connection", () => {
  test("a token as it is, or one after the other", async () => {
    expect(await setUp("t").refresher.token()).toBe("t");
    const { refresher } = setUp(counting());
    expect([await refresher.token(), await refresher.token()]).toEqual(["1", "2"]);
  });

  test("a ticket stands for one that would be asked for", async () => {
    expect(await setUp("t").refresher.token(true)).toBe("t");
    const { refresher } = setUp(counting());
    expect([await refresher.token(true), await refresher.token()]).toEqual(["", "1"]);
  });

  test.each<[string, () => string | Promise<string>]>([
    [
      "throws",
      () => {
        throw new Error("closed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("closed"))],
  ])("one that %s", async (_how, token) => {
    const failed = await setUp(token).refresher.token();
    expect(failed).toMatchObject({ kind: "UNAVAILABLE", code: 0 });
    expect(String(failed)).toContain("no token: Error: closed");
  });

  test.each([
    [233, true, true],
    [233, false, false],
    [230, true, false],
  ])("after code %d, with a function: %s, it may try again: %s", (code, isFunction, may) => {
    const { refresher } = setUp(isFunction ? counting() : "t");
    expect(refresher.mayRetry(new StatusError("UNAUTHENTICATED", "", code))).toBe(may);
  });
});

describe("token refresher: over a connection that stands", () => {
  test("asks when four fifths are over, again and again", async () => {
    const { refresher, errors, heard, transport } = setUp(counting());
    refresher.onUp(10_000);
    await pass(7999);
    expect(heard()).toEqual([]);
    await pass(1);
    expect(transport.heard()).toMatchObject([{ case: "refresh", value: { id: 0n, token: "1" } }]);
    refresher.onRefreshed(20_000);
    await pass(15_999);
    expect(heard()).toEqual([]);
    await pass(1);
    expect(heard()).toEqual(["2"]);
    expect(errors).toEqual([]);
  });

  test.each([
    ["they do not expire", 0, counting()],
    ["the program has no other", 1000, "t"],
  ])("no timer where %s", (_why, expireInMs, token) => {
    setUp(token).refresher.onUp(expireInMs);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("no timer when they do not expire any more", async () => {
    const { refresher } = setUp(counting());
    refresher.onUp(1000);
    await pass(800);
    refresher.onRefreshed(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a wait that no timer of a platform knows", async () => {
    const { refresher, heard } = setUp(counting());
    refresher.onUp(100 * DAY_MS);
    await pass(80 * DAY_MS - 1);
    expect(heard()).toEqual([]);
    await pass(1);
    expect(heard()).toEqual(["1"]);
  });

  test("the first as soon as it must be, the others a second apart", async () => {
    const { refresher, heard } = setUp(counting());
    refresher.onUp(10);
    await pass(8);
    expect(heard()).toEqual(["1"]);
    refresher.onRefreshed(10);
    await pass(999);
    expect(heard()).toEqual([]);
    await pass(1);
    expect(heard()).toEqual(["2"]);
  });

  test("an answer that is read late", async () => {
    const { refresher, heard } = setUp(counting());
    refresher.onUp(10_000);
    await pass(8000);
    await pass(5000); // in which the program does not receive
    refresher.onRefreshed(10_000);
    heard();
    await pass(2999);
    expect(heard()).toEqual([]);
    await pass(1);
    expect(heard()).toEqual(["2"]);
  });

  test("answers that nobody waits for", async () => {
    const { refresher } = setUp(counting());
    refresher.onRefreshed(1000);
    refresher.onRefused();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("token refresher: what goes wrong", () => {
  test("one that fails is told and asked again, later each time", async () => {
    let asked = 0;
    const token = () => (++asked > 3 ? "t" : Promise.reject(new Error("closed")));
    const { refresher, errors, heard } = setUp(token, { backoffMinMs: 1600, backoffMaxMs: 4000 });
    refresher.onUp(1000);
    await pass(800);
    for (const [i, waitMs] of [1000, 1600, 2000].entries()) {
      expect(errors).toHaveLength(i + 1);
      expect(errors[i]!.message).toBe("no token: Error: closed");
      await pass(waitMs - 1); // 800 would be too soon
      expect(asked).toBe(i + 1);
      await pass(1);
    }
    expect(heard()).toEqual(["t"]);
    expect(errors).toHaveLength(3);
  });

  test("so is one that is refused", async () => {
    const { refresher, heard } = setUp(counting(), { backoffMinMs: 4000 });
    const isAskedAgainAfter = async (waitMs: number) => {
      refresher.onRefused();
      await pass(waitMs - 1);
      expect(heard()).toEqual([]);
      await pass(1);
      return heard();
    };
    refresher.onUp(1000);
    await pass(800);
    expect(heard()).toEqual(["1"]);
    expect(await isAskedAgainAfter(2000)).toEqual(["2"]);
    expect(await isAskedAgainAfter(4000)).toEqual(["3"]);
    refresher.onRefreshed(10_000);
    await pass(8000);
    expect(heard()).toEqual(["4"]);
    expect(await isAskedAgainAfter(2000)).toEqual(["5"]); // begins anew
  });

  test("the waits begin anew on a new connection", async () => {
    const { refresher, errors } = setUp(() => Promise.reject(new Error("closed")), {
      backoffMinMs: 4000,
    });
    for (const _ of [1, 2]) {
      refresher.onUp(1000);
      await pass(800 + 2000);
      expect(errors.splice(0)).toHaveLength(2);
    }
  });

  test.each<[string, (refresher: TokenRefresher) => void, number]>([
    ["the connection is gone", (refresher) => refresher.stop(), 0],
    ["another one stands", (refresher) => refresher.onUp(5000), 1],
  ])("a token that comes too late is thrown away: %s", async (_why, end, timers) => {
    for (const isGiven of [true, false]) {
      let give!: () => void;
      const token = () =>
        new Promise<string>((resolve, reject) => {
          give = () => (isGiven ? resolve("late") : reject(new Error("late")));
        });
      const { refresher, errors, heard } = setUp(token);
      refresher.onUp(1000);
      await pass(800);
      end(refresher);
      give();
      await pass(0);
      expect([heard(), errors]).toEqual([[], []]);
      expect(vi.getTimerCount()).toBe(timers);
      vi.clearAllTimers();
    }
  });

  test("nothing is sent when the client closes", async () => {
    const { refresher, heard } = setUp(counting());
    refresher.onUp(1000);
    refresher.stop();
    expect(vi.getTimerCount()).toBe(0);
    refresher.onUp(1000);
    await pass(800);
    refresher.stop(); // its answer is still to come
    refresher.onRefreshed(1000);
    expect(vi.getTimerCount()).toBe(0);
    expect(heard()).toEqual(["1"]);
  });

  test("who ends the client when it is told", async () => {
    const options = { ...CLIENT_DEFAULTS, token: () => Promise.reject(new Error("closed")) };
    const onError = vi.fn(() => refresher.stop());
    const refresher = new TokenRefresher(new FakeTransport(), options, { onError });
    refresher.onUp(1000);
    await pass(800);
    expect(onError).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
