// Brokers that are broken, or are none: the client says so, and comes back.
import { describe, expect, test } from "vitest";
import { clientOf, commands, connected, expectStatus, startFake, Told } from "./support/harness.js";
import type { Script } from "./support/fake_broker.js";

const CONNECTED = "04 0a 02 08 01";

/** [what it is, what the broker says]. */
const NO_PROTOCOL: [string, string[]][] = [
  ["text of another protocol", ["05 48 54 54 50 2f"]],
  ["a length of nothing", [CONNECTED, "00"]],
  ["a length that never ends", [CONNECTED, "80 80 80 80 80 01"]],
  ["a frame of 4 GiB", [CONNECTED, "ff ff ff ff 0f"]],
  ["a message that is cut short", [CONNECTED, "04 12 7f 0a 01"]],
  ["a topic that is not UTF-8", [CONNECTED, "06 12 04 0a 02 ff fe"]],
  ["a message with something behind it", [CONNECTED, "06 12 03 0a 01 61 00"]],
  ["an answer that is cut short", [CONNECTED, "03 1a 7f 08"]],
  ["a group, which nobody sends", [CONNECTED, "02 0b 0c"]],
  ["a number of eleven bytes", [CONNECTED, "0e 1a 0c 08 ff ff ff ff ff ff ff ff ff ff 01"]],
];

describe("garbage", () => {
  test.each(NO_PROTOCOL)("%s", async (_name, says) => {
    const told = new Told();
    const fake = await startFake({ says });
    const client = clientOf(fake, {}, told);
    expect(await told.wait("state:waiting")).toMatchObject({ kind: "INTERNAL", code: 0 });
    await told.wait("state:waiting", 2); // it tries again
    await client.close();
    expect(await commands.closeFake(fake.id)).toBeGreaterThanOrEqual(2);
  });

  test.each<[string, Script]>([
    ["ends at once", { says: [], closeCode: 0 }],
    ["ends in the middle of a frame", { says: [CONNECTED, "40 12"], closeCode: 0 }],
    ["ends with a code of RFC 6455", { says: [CONNECTED], closeCode: 1011, closeReason: "oh" }],
    ["refuses the handshake", { says: [], refuses: 400 }],
  ])("a broker that %s", async (_name, script) => {
    const told = new Told();
    clientOf(await startFake(script), {}, told);
    expect(await told.wait("state:waiting")).toMatchObject({ kind: "UNAVAILABLE", code: 0 });
    await told.wait("state:connecting", 2);
  });

  test("a close of the broker's in the code of the WebSocket alone", async () => {
    const told = new Told();
    const script = {
      says: [CONNECTED],
      closeCode: 4250,
      closeReason: "the broker is shutting down",
    };
    clientOf(await startFake(script), {}, told);
    expect(await told.wait("close")).toMatchObject({ code: 250, retryable: true });
    await told.wait("state:connecting", 2);
  });

  test("expired credentials, in the code of the WebSocket alone", async () => {
    const script = { says: [CONNECTED], closeCode: 4233, closeReason: "expired" };
    const told = new Told();
    clientOf(await startFake(script), { token: () => "fresh" }, told);
    expect(await told.wait("close")).toMatchObject({ code: 233, retryable: false });
    await told.wait("state:connecting", 2);
    clientOf(await startFake(script), { token: "old" }, told);
    expect(await told.wait("state:closed")).toMatchObject({ kind: "UNAUTHENTICATED", code: 233 });
  });

  test("what the broker calls a mistake of this client is its end", async () => {
    const told = new Told();
    clientOf(await startFake({ says: [CONNECTED], closeCode: 1009, closeReason: "big" }), {}, told);
    expect(await told.wait("state:closed")).toMatchObject({ kind: "FAILED_PRECONDITION" });
  });

  test("a frame of a newer broker is read over", async () => {
    const told = new Told();
    const unknown = "05 a2 06 02 08 01"; // kind 100
    const close = "0a 4a 08 08 e7 01 12 03 6f 75 74"; // TAKEN_OVER, "out", not retryable
    clientOf(await startFake({ says: [CONNECTED, unknown, close] }), {}, told);
    expect(await told.wait("state:closed")).toMatchObject({ code: 231 });
    expect(told.states).toEqual(["connecting", "connected", "closed"]);
  });

  test("text is left out", async () => {
    const told = new Told();
    const client = clientOf(await startFake({ says: [CONNECTED], text: "hello" }), {}, told);
    await told.wait("state:connected");
    expect(client.connectsTotal).toBe(1);
  });

  test("a broker that never answers", async () => {
    const options = { connectTimeoutMs: 50, reconnect: false };
    const silent = await startFake({ says: [] });
    await expectStatus(connected(silent, options), "DEADLINE_EXCEEDED");
  });

  test("nobody is there", async () => {
    const fake = await startFake({ says: [] });
    await commands.closeFake(fake.id);
    await expectStatus(connected(fake), "UNAVAILABLE");
  });

  test("an address that is none", async () => {
    const nowhere = { id: 0, url: "ws://[" };
    await expectStatus(connected(nowhere), "INVALID_ARGUMENT");
  });
});
