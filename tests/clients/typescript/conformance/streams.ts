// Scenarios of streams and last values.
import { type Client, type PullSubscription, Start, type StreamStart } from "@esockets/client";
import { expect } from "vitest";
import { Gate } from "../support/gate.js";
import { commands, connected, startBroker, Told } from "../support/harness.js";

const CHAT = `stream { name: "chat" filter: "chat/#" }`;

async function take(subscription: PullSubscription, count: number): Promise<string[]> {
  const texts: string[] = [];
  for (let i = 0; i < count; ++i) texts.push((await subscription.receive()).text());
  return texts;
}

async function say(client: Client, ...texts: string[]): Promise<void> {
  for (const text of texts) await client.publishAndWait(`chat/${text[0]}`, text);
}

export async function streamStart(): Promise<void> {
  const broker = await startBroker({ config: CHAT });
  const client = await connected(broker);
  await say(client, "a1", "a2", "b1", "b2");
  const starts: [Start, string[]][] = [
    [Start.last(2), ["b1", "b2"]],
    [Start.lastOfEachTopic(1), ["a2", "b2"]],
    [Start.atTime(1), ["a1", "a2", "b1", "b2"]],
  ];
  let epoch = 0;
  for (const [start, texts] of starts) {
    const reader = await (await connected(broker)).subscribe("chat/#", { start }).confirmed;
    expect(await take(reader, texts.length)).toEqual(texts);
    expect(reader.stream).toMatchObject({ name: "chat", filter: "chat/#", recovered: true });
    epoch = reader.stream!.epoch;
  }
  const later = Start.atTime(Date.now() * 1000 + 1e9);
  const none = await client.subscribe("chat/+", { start: later }).confirmed;
  expect(none.stream).toMatchObject({ position: 4, recovered: true });
  const start = Start.afterPosition(1, epoch);
  const reader = await (await connected(broker)).subscribe("chat/#", { start }).confirmed;
  expect(await take(reader, 3)).toEqual(["a2", "b1", "b2"]);
}

export async function resume(): Promise<void> {
  const broker = await startBroker({ config: CHAT });
  const publisher = await connected(broker);
  const gate = new Gate();
  const told = new Told();
  const reader = await connected(broker, { token: gate.token }, told);
  const chat = await reader.subscribe("chat/#").confirmed;
  await say(publisher, "a1", "a2");
  expect(await take(chat, 2)).toEqual(["a1", "a2"]);
  gate.close();
  await commands.cutNewest(broker.id); // the reader
  await told.wait("state:waiting");
  await say(publisher, "a3", "a4"); // while it is away
  gate.open();
  await say(publisher, "a5");
  expect(await take(chat, 3)).toEqual(["a3", "a4", "a5"]); // without hole or repeat
  const resumed = await told.wait<StreamStart>("resumed");
  expect(resumed).toMatchObject({ filter: "chat/#", position: 2, recovered: true });

  await commands.stopBroker(broker.id, "SIGKILL");
  await commands.restartBroker(broker.id);
  const anew = await told.wait<StreamStart>("resumed", 2);
  expect(anew.recovered).toBe(false);
  expect(anew.epoch).not.toBe(resumed.epoch);
  await told.wait("state:connected", 3);
  await say(publisher, "b1");
  expect(await take(chat, 1)).toEqual(["b1"]);
}

export async function lastValues(): Promise<void> {
  const broker = await startBroker({ config: `last_value { filter: "status/+" }` });
  const told = new Told();
  const client = await connected(broker, {}, told);
  for (const [topic, text] of [
    ["a", "old"],
    ["a", "new"],
    ["b", "only"],
  ]) {
    await client.publishAndWait(`status/${topic}`, text!);
  }
  const values = await client.subscribe("status/+").confirmed;
  expect(values.lastValues).toBe(true);
  expect((await take(values, 2)).sort()).toEqual(["new", "only"]);
  expect(await told.wait("snapshotEnd")).toBe("status/+");
  const other = await connected(broker);
  const none = await other.subscribe("status/+", { lastValues: false }).confirmed;
  expect(none.lastValues).toBe(false);
  await other.publishAndWait("status/a", "newest");
  expect(await take(none, 1)).toEqual(["newest"]);
}
