// Scenarios of requests, and of who is on a topic.
import { ERROR_HEADER, type PresenceMember, type PresenceNews } from "@esockets/client";
import { expect } from "vitest";
import { commands, connected, expectStatus, startBroker, Told } from "../support/harness.js";

export async function request(): Promise<void> {
  const broker = await startBroker();
  const [client, server] = [await connected(broker), await connected(broker)];
  await expectStatus(client.request("echo", "x"), "UNAVAILABLE", 150); // nobody is there: at once
  await server.subscribe("echo", ({ replyTo, payload }) => server.publish(replyTo, payload));
  expect((await client.request("echo", "hello")).text()).toBe("hello");
  await server.subscribe("silent", () => {});
  await expectStatus(client.request("silent", "", { timeoutMs: 1 }), "DEADLINE_EXCEEDED");
  await server.subscribe("broken", ({ replyTo }) =>
    server.publish(replyTo, "", { headers: [[ERROR_HEADER, "no paper"]] }),
  );
  const failure = client.request("broken", "");
  await expect(failure).rejects.toMatchObject({
    kind: "ABORTED",
    message: "who was asked has failed: no paper",
  });
  const waiting = client.request("silent", "");
  const asked = expectStatus(waiting, "UNAVAILABLE"); // the connection breaks
  await client.flush();
  await commands.cutConnections(broker.id);
  await asked;
}

export async function requestMany(): Promise<void> {
  const broker = await startBroker();
  const client = await connected(broker);
  for (const name of ["a", "b", "c"]) {
    const server = await connected(broker);
    await server.subscribe("who", ({ replyTo }) => server.publish(replyTo, name));
  }
  const all = await client.requestMany("who", "", { repliesMax: 3 });
  expect(all.map((reply) => reply.text()).sort()).toEqual(["a", "b", "c"]);
  expect(await client.requestMany("who", "", { repliesMax: 2 })).toHaveLength(2);
  expect(await client.requestMany("who", "", { repliesMax: 4, timeoutMs: 500 })).toHaveLength(3);
}

export async function reply(): Promise<void> {
  const broker = await startBroker();
  const [client, server] = [await connected(broker), await connected(broker)];
  await server.subscribe("add/+", (message) => {
    const [a, b] = message.json() as [number, number];
    server.publish(message.replyTo, JSON.stringify({ sum: a + b }), { headers: [["unit", "m"]] });
  });
  const replies = await Promise.all([
    client.request("add/1", "[1, 2]"),
    client.request("add/2", "[3, 4]"),
  ]);
  expect(replies.map((one) => one.json())).toEqual([{ sum: 3 }, { sum: 7 }]);
  expect(replies[0]!.headers).toEqual([["unit", "m"]]);
}

/** Who is there, by what a watch has told. */
class Roster {
  readonly members = new Map<string, PresenceMember>();
  readonly lefts: string[] = [];
  firsts = 0;
  #waiter: () => void = () => {};

  readonly callback = ({ first, joined, left }: PresenceNews) => {
    if (first) ++this.firsts;
    for (const member of joined) this.members.set(member.clientId, member);
    for (const { clientId } of left) {
      this.members.delete(clientId);
      this.lefts.push(clientId);
    }
    this.#waiter();
  };

  async wait(...clientIds: string[]): Promise<void> {
    while ([...this.members.keys()].sort().join() !== clientIds.join()) {
      await new Promise<void>((resolve) => (this.#waiter = resolve));
    }
  }
}

export async function presence(): Promise<void> {
  const rule = `presence { filter: "lobby/+" window_ms: 10 grace_ms: 0 visible_to: "ANYBODY" }`;
  const broker = await startBroker({ config: rule });
  const told = new Told();
  const watcher = await connected(broker, {}, told);
  const anna = await connected(broker, { clientId: "anna", name: "A", metadata: { os: "linux" } });
  await anna.subscribe("lobby/1", () => {});
  const roster = new Roster();
  const watch = await watcher.watchPresence("lobby/1", roster.callback);
  await roster.wait("anna");
  const member = { clientId: "anna", name: "A", metadata: { os: "linux" } };
  expect(roster.members.get("anna")).toEqual(member);
  const ben = await connected(broker, { clientId: "ben" });
  await ben.subscribe("lobby/1", () => {});
  await roster.wait("anna", "ben");
  await ben.close();
  await roster.wait("anna");
  expect(roster.lefts).toEqual(["ben"]);

  // Across a reconnect: who came meanwhile is told.
  await commands.stopBroker(broker.id, "SIGKILL");
  await anna.close(0).catch(() => {});
  await commands.restartBroker(broker.id);
  const carl = await connected(broker, { clientId: "carl" });
  await carl.subscribe("lobby/1", () => {});
  await roster.wait("carl");
  expect(roster.lefts).toEqual(["ben", "anna"]);
  expect(roster.firsts).toBe(1);
  watch.stop();
  await expectStatus(
    watcher.watchPresence("elsewhere", () => {}),
    "FAILED_PRECONDITION",
    160,
  );
}
