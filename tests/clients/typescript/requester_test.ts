import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ClientImpl } from "../../../clients/typescript/src/client_impl.js";
import type { PresenceNews } from "../../../clients/typescript/src/presence.js";
import { Requester } from "../../../clients/typescript/src/requester.js";
import { PresenceRosterSchema, PresenceUpdateSchema } from "../../../proto/presence_pb.js";
import { FakeTransport } from "./support/fake_transport.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const turn = () => vi.advanceTimersByTimeAsync(0);

async function setUp() {
  const transport = new FakeTransport();
  const impl = new ClientImpl({}, {}, transport);
  impl.session.start();
  await turn();
  return { transport, impl, requester: new Requester(impl) };
}

async function up() {
  const all = await setUp();
  all.transport.connect();
  all.transport.heard();
  return all;
}

/** The one thing that the client has published. */
async function question(transport: FakeTransport) {
  await turn();
  const [said] = transport.heard();
  if (said?.case !== "publish") throw new Error(`not asked, but: ${said?.case}`);
  return said.value;
}

describe("requests", () => {
  test("go to the inbox of the connection, each with a topic of its own", async () => {
    const { transport, requester } = await up();
    const one = requester.request("t", "a", { repliesMax: 1 });
    const { replyTo } = await question(transport);
    expect(replyTo).toBe("$INBOX/x/1");
    const other = requester.request("t", "b", { repliesMax: 1 });
    expect((await question(transport)).replyTo).toBe("$INBOX/x/2");
    transport.say({ message: { topic: "$INBOX/x/2", payload: Uint8Array.of(2) } });
    transport.say({ message: { topic: replyTo, payload: Uint8Array.of(1) } });
    expect((await one)[0]!.payload).toEqual(Uint8Array.of(1));
    expect((await other)[0]!.payload).toEqual(Uint8Array.of(2));
  });

  test("wait for a connection, and not for longer than they may", async () => {
    const { requester } = await setUp();
    const asked = requester.request("t", "", { repliesMax: 1, timeoutMs: 500 });
    const isLate = expect(asked).rejects.toMatchObject({ kind: "UNAVAILABLE" });
    await vi.advanceTimersByTimeAsync(500);
    await isLate;
  });

  test("to the broker wait in the buffer", async () => {
    const { transport, requester } = await setUp();
    const asked = requester.request("$SYS/admin", "", { repliesMax: 1 });
    transport.connect();
    await turn();
    const said = transport.heard().find((one) => one?.case === "publish");
    const topic = (said!.value as { replyTo: string }).replyTo;
    transport.say({ message: { topic } });
    expect(await asked).toHaveLength(1);
  });
});

describe("presence", () => {
  const ROSTER = { epoch: 1n, version: 0n, count: 0n };
  const JOINED = { epoch: 1n, version: 1n, count: 1n, joined: [{ clientId: "c" }] };
  const roster = (of: MessageInitShape<typeof PresenceRosterSchema>) =>
    toBinary(PresenceRosterSchema, create(PresenceRosterSchema, of));
  const update = (of: MessageInitShape<typeof PresenceUpdateSchema>) =>
    toBinary(PresenceUpdateSchema, create(PresenceUpdateSchema, of));

  async function watching() {
    const all = await up();
    const news: PresenceNews[] = [];
    const watch = all.requester.watchPresence("t", (one) => news.push(one));
    await turn();
    const [said] = all.transport.heard();
    all.transport.say({ subscribed: { id: (said!.value as { id: bigint }).id } });
    return { ...all, news, watch: await watch };
  }

  test("an update in one piece with the roster is told behind it", async () => {
    const { transport, news } = await watching();
    const { replyTo } = await question(transport);
    transport.say(
      { message: { topic: replyTo, payload: roster(ROSTER) } },
      { message: { topic: "$presence/t", payload: update(JOINED) } },
    );
    expect(news).toMatchObject([{ first: true }, { joined: [{ clientId: "c" }], count: 1 }]);
  });

  test("stopped, it unsubscribes", async () => {
    const { transport, watch } = await watching();
    transport.heard();
    watch.stop();
    await turn();
    expect(transport.kinds()).toContain("unsubscribe");
  });

  test("ends with its client, and says why", async () => {
    const { impl, news } = await watching();
    impl.session.end(undefined);
    expect(news).toMatchObject([{ ended: { kind: "FAILED_PRECONDITION" } }]);
  });
});
