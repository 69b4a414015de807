// Scenarios of publishing.
import { expect } from "vitest";
import {
  clientOf,
  commands,
  connected,
  expectStatus,
  startBroker,
  Told,
} from "../support/harness.js";

export async function publish(): Promise<void> {
  const broker = await startBroker();
  const reader = await (await connected(broker)).subscribe("t").confirmed;
  // What is published before there is a connection waits for one; what is too much is told.
  const limits = { outgoingBytesMax: 100, whenFull: "error" } as const;
  const client = clientOf(broker, limits);
  client.publish("t", "early");
  const full = expect.objectContaining({ kind: "RESOURCE_EXHAUSTED" });
  expect(() => client.publish("t", "x".repeat(200))).toThrow(full);
  expect((await reader.receive()).text()).toBe("early");

  const dropping = clientOf(broker, { ...limits, whenFull: "dropNewest" });
  dropping.publish("t", "kept");
  dropping.publish("t", "x".repeat(200));
  expect(dropping.droppedMessagesTotal).toBe(1);
  expect((await reader.receive()).text()).toBe("kept");

  const waiting = clientOf(broker, { ...limits, whenFull: "block" });
  waiting.publish("t", "1");
  const second = waiting.publishAndWait("t", "2".repeat(200)); // when there is room
  expect(waiting.outgoingBytes).toBeLessThan(100);
  await second;
  expect((await reader.receive()).text()).toBe("1");
  expect((await reader.receive()).text()).toBe("2".repeat(200));
}

export async function publishAndWait(): Promise<void> {
  const client = await connected(await startBroker());
  await client.publishAndWait("t", "x");
  await expectStatus(client.publishAndWait("$reserved", "x"), "PERMISSION_DENIED", 113);
  const error = await client.publishAndWait("$reserved", "x").catch((error: unknown) => error);
  expect(error).toMatchObject({ advice: expect.stringContaining("another topic") as string });
}

export async function publishAndStore(): Promise<void> {
  const broker = await startBroker({ config: `stream { name: "chat" filter: "chat/#" }` });
  const client = await connected(broker);
  expect(await client.publishAndStore("elsewhere", "x")).toBeUndefined();
  const first = await client.publishAndStore("chat/1", "x", { messageId: "m1" });
  expect(first).toMatchObject({ position: 1, repeated: false });
  const again = await client.publishAndStore("chat/1", "x", { messageId: "m1" });
  expect(again).toMatchObject({ position: 1, repeated: true, epoch: first!.epoch });
  expect(await client.publishAndStore("chat/1", "x")).toMatchObject({ position: 2 });
  const other = client.publishAndStore("chat/1", "other", { messageId: "m1" });
  await expectStatus(other, "INVALID_ARGUMENT", 127);
  expect(() => client.publish("chat/1", "x", { messageId: "m2" })).toThrow("messageId");
}

export async function publishAndConfirm(): Promise<void> {
  const broker = await startBroker();
  const [client, other] = [await connected(broker), await connected(broker)];
  expect(await client.publishAndConfirm("t", "x", 5000)).toMatchObject({ matched: 0, written: 0 });
  await other.subscribe("t", () => {});
  expect(await client.publishAndConfirm("t", "x", 5000)).toEqual({
    matched: 1,
    written: 1,
    queued: 0,
    conflated: 0,
    dropped: 0,
    gone: 0,
    stored: undefined,
  });
}

export async function headers(): Promise<void> {
  const client = await connected(await startBroker());
  const got = await client.subscribe("t").confirmed;
  const key = Uint8Array.of(0, 255);
  const headers: [string, string][] = [
    ["n", "1"],
    ["n", "ß"],
  ];
  client.publish("t", Uint8Array.of(0, 255), { headers, key, ttlMs: 5000, replyTo: "answers" });
  const message = await got.receive();
  expect(message).toMatchObject({ headers, key, ttlMs: 5000, replyTo: "answers" });
  expect([...message.payload]).toEqual([0, 255]);
}

export async function flushAndClose(): Promise<void> {
  const broker = await startBroker();
  const reader = await (await connected(broker)).subscribe("t").confirmed;
  const told = new Told();
  const client = await connected(broker, {}, told);
  client.publish("t", "1");
  await client.flush();
  expect(client.outgoingBytes).toBe(0);
  client.publish("t", "2");
  await client.close();
  expect(client.state).toBe("closed");
  expect(told.of("close")).toEqual([]); // it was the client that wanted it
  expect((await reader.receive()).text()).toBe("1");
  expect((await reader.receive()).text()).toBe("2");
  expect(() => client.publish("t", "3")).toThrow("closed");
  await expectStatus(client.flush(), "FAILED_PRECONDITION");
  await client.close(); // again: no effect

  const leftAlone = new Told();
  const away = await connected(broker, {}, leftAlone);
  await commands.stopBroker(broker.id, "SIGKILL");
  await leftAlone.wait("state:waiting");
  away.publish("t", "never");
  await expectStatus(away.close(1), "DEADLINE_EXCEEDED");
  expect(away.state).toBe("closed");
}
