// Scenarios of subscriptions, and of those that are behind.
import { type Gap, Start } from "@esockets/client";
import { expect } from "vitest";
import { connected, enough, expectStatus, startBroker, Told } from "../support/harness.js";

export async function subscribe(): Promise<void> {
  const client = await connected(await startBroker());
  const heard: string[] = [];
  for (const filter of ["room/+/chat", "room/#", "room/42/chat", "hall/#"]) {
    await client.subscribe(filter, ({ topic }) => heard.push(`${filter} ${topic}`));
  }
  client.publish("room/42/chat", "");
  client.publish("room", "");
  await client.flush();
  expect(heard.sort()).toEqual([
    "room/# room",
    "room/# room/42/chat",
    "room/+/chat room/42/chat",
    "room/42/chat room/42/chat",
  ]);
}

export async function subscribeIterator(): Promise<void> {
  const client = await connected(await startBroker());
  const heard: string[] = [];
  const subscription = client.subscribe("t");
  void subscription.confirmed.then(() => {
    for (const text of ["1", "2", "end"]) client.publish("t", text);
  });
  for await (const message of subscription) {
    if (message.text() === "end") break;
    heard.push(message.text());
  }
  expect(heard).toEqual(["1", "2"]);
  await expectStatus(subscription.receive(), "CANCELLED");
}

export async function subscribePull(): Promise<void> {
  const client = await connected(await startBroker());
  const subscription = await client.subscribe("t").confirmed;
  await expectStatus(subscription.receive(1), "DEADLINE_EXCEEDED");
  client.publish("t", "1");
  client.publish("t", "2");
  await client.flush();
  expect(subscription.size).toBe(2);
  expect((await subscription.receive(0)).text()).toBe("1");
  subscription.unsubscribe();
  expect((await subscription.receive()).text()).toBe("2"); // what waits can still be received
  await expectStatus(subscription.receive(), "CANCELLED");
}

/** Publishes much to a reader that does not read, then one more to "flood/end", and reads it all. */
async function flood(options: object, count: number, key: (i: number) => string) {
  const broker = await startBroker();
  const told = new Told();
  const [reader, publisher] = [await connected(broker, {}, told), await connected(broker)];
  const subscription = reader.subscribe("flood", { ...options, receiveQueueMessagesMax: 1 });
  const end = reader.subscribe("flood/end");
  await Promise.all([subscription.confirmed, end.confirmed]);
  const payload = "x".repeat(1000);
  for (let i = 0; i < count; ++i) {
    if (publisher.outgoingBytes > 1 << 20) await publisher.flush();
    publisher.publish("flood", `${i} ${payload}`, { key: key(i) });
  }
  await publisher.flush();
  await publisher.publishAndWait("flood/end", "");
  const heard: number[] = [];
  const isOver = end.receive().then(() => undefined);
  for (;;) {
    const message = await Promise.race([subscription.receive(), isOver]);
    if (!message) break;
    heard.push(Number.parseInt(message.text(), 10));
  }
  while (subscription.size > 0) {
    heard.push(Number.parseInt((await subscription.receive()).text(), 10));
  }
  return { heard, gaps: told.of("gap") as Gap[] };
}

export async function overflow(): Promise<void> {
  const options = { overflow: "conflate", maxBacklogMessages: 100 };
  const { heard, gaps } = await flood(options, 30_000, (i) => String(i % 2));
  expect(heard.slice(-2).sort()).toEqual([29_998, 29_999]); // the latest of each key
  expect(gaps.at(-1)).toMatchObject({ filter: "flood", reason: "CONFLATED" });
}

export async function gaps(): Promise<void> {
  const count = 30_000;
  const { heard, gaps } = await flood({ maxBacklogMessages: 100 }, count, () => "");
  const missed = gaps.reduce((sum, gap) => sum + gap.messages, 0);
  expect(missed).toBeGreaterThan(0);
  expect(heard.length + missed).toBe(count); // published = received + reported
  expect(gaps[0]).toMatchObject({ filter: "flood", group: "", reason: "BACKLOG_FULL" });
  expect(gaps[0]!.toUs).toBeGreaterThanOrEqual(gaps[0]!.fromUs);
}

export async function groups(): Promise<void> {
  const broker = await startBroker();
  const [a, b, c] = [await connected(broker), await connected(broker), await connected(broker)];
  const group = { group: "workers", groupStrategy: "roundRobin" } as const;
  const jobs = [a.subscribe("jobs/#", group), b.subscribe("jobs/#", group)];
  await Promise.all(jobs.map(({ confirmed }) => confirmed));
  await expectStatus(
    a.subscribe("jobs/1", () => {}, group),
    "ALREADY_EXISTS",
  );
  const other = { group: "workers", groupStrategy: "hash" } as const;
  await expectStatus(
    c.subscribe("jobs/#", () => {}, other),
    "FAILED_PRECONDITION",
    154,
  );
  for (let i = 0; i < 10; ++i) await c.publishAndWait(`jobs/${i}`, "");
  for (const half of jobs) {
    for (let i = 0; i < 5; ++i)
      expect((await half.receive(enough.timeoutMs)).group).toBe("workers");
  }
  const start = Start.last(1);
  await expectStatus(
    c.subscribe("x", () => {}, { group: "g", start }),
    "INVALID_ARGUMENT",
  );
}
