// The broker dies and comes back; the network goes and comes back.
import { describe, expect, test } from "vitest";
import { Gate } from "./support/gate.js";
import {
  clientOf,
  commands,
  connected,
  expectStatus,
  startBroker,
  Told,
} from "./support/harness.js";

describe("reconnect", () => {
  test("killed and started again: everything is subscribed again", async () => {
    const broker = await startBroker();
    const told = new Told();
    const client = await connected(broker, {}, told);
    const heard: string[] = [];
    await client.subscribe("a/+", ({ topic }) => heard.push(topic));
    const pulled = await client.subscribe("b").confirmed;
    for (let round = 1; round <= 3; ++round) {
      const down = told.next("state:waiting");
      const up = told.next("state:connected");
      await commands.stopBroker(broker.id, "SIGKILL");
      expect(await down).toMatchObject({ kind: "UNAVAILABLE" });
      client.publish("b", `buffered ${round}`);
      await commands.restartBroker(broker.id);
      await up;
      await client.publishAndWait(`a/${round}`, "");
      expect((await pulled.receive()).text()).toBe(`buffered ${round}`);
    }
    expect(heard).toEqual(["a/1", "a/2", "a/3"]);
    expect(client.connectsTotal).toBe(4);
  });

  test("a broker that is not there yet", async () => {
    const broker = await startBroker();
    await commands.stopBroker(broker.id, "SIGKILL");
    const told = new Told();
    const client = clientOf(broker, {}, told);
    const subscription = client.subscribe("t");
    client.publish("t", "early");
    await told.wait("state:waiting");
    await commands.restartBroker(broker.id);
    expect((await subscription.receive()).text()).toBe("early");
  });

  test("what was under way fails, what was not sent goes on", async () => {
    const broker = await startBroker();
    const gate = new Gate();
    const told = new Told();
    const client = await connected(broker, { token: gate.token }, told);
    await client.subscribe("silent", () => {});
    const lost = expectStatus(client.request("silent", ""), "UNAVAILABLE");
    await client.flush();
    gate.close();
    await commands.cutConnections(broker.id);
    await lost;
    await told.wait("state:waiting");
    const waiting = client.publishAndWait("t", "x");
    gate.open();
    await waiting;
  });

  test("without reconnect the client ends", async () => {
    const broker = await startBroker();
    const told = new Told();
    const client = await connected(broker, { reconnect: false }, told);
    const subscription = await client.subscribe("t").confirmed;
    const received = expectStatus(subscription.receive(), "UNAVAILABLE");
    await commands.cutConnections(broker.id);
    await told.wait("state:closed");
    await received;
    await expect(async () => {
      for await (const message of subscription) void message;
    }).rejects.toMatchObject({ kind: "UNAVAILABLE" });
    expect(() => client.publish("t", "")).toThrow("no connection");
  });

  test("a filter that is refused the second time is told, and gone", async () => {
    const broker = await startBroker({ config: `stream { name: "chat" filter: "chat/#" }` });
    const told = new Told();
    const client = await connected(broker, {}, told);
    const chat = await client.subscribe("chat/1", { overflow: "replay" }).confirmed;
    const other = await client.subscribe("other").confirmed;
    const up = told.next("state:connected");
    await commands.stopBroker(broker.id, "SIGKILL");
    await commands.restartBroker(broker.id, ""); // the operator keeps no stream any more
    await up;
    expect(await told.wait("error")).toMatchObject({ kind: "INVALID_ARGUMENT", code: 124 });
    await expectStatus(chat.receive(), "INVALID_ARGUMENT", 124);
    await client.publishAndWait("other", "still here");
    expect((await other.receive()).text()).toBe("still here");
  });

  test("many subscriptions, overlapping in a stream, each in its order without hole or repeat", async () => {
    const broker = await startBroker({ config: `stream { name: "chat" filter: "chat/#" }` });
    const publisher = await connected(broker);
    const gate = new Gate();
    const told = new Told();
    const reader = await connected(broker, { token: gate.token }, told);
    const wide: string[] = [];
    const narrow: string[] = [];
    await reader.subscribe("chat/1", (message) => narrow.push(message.text()));
    await reader.subscribe("chat/#", (message) => wide.push(message.text()));
    let count = 0;
    const say = async () => publisher.publishAndWait(`chat/${count % 2}`, String(count++));
    for (let round = 1; round <= 5; ++round) {
      for (let i = 0; i < 10; ++i) await say();
      gate.close();
      await commands.cutNewest(broker.id);
      await told.wait("state:waiting", round);
      for (let i = 0; i < 10; ++i) await say();
      gate.open();
      await told.wait("state:connected", round + 1);
    }
    await reader.flush();
    const all = [...Array(count).keys()].map(String);
    expect(wide).toEqual(all);
    expect(narrow).toEqual(all.filter((text) => Number(text) % 2 === 1));
  });

  test("close ends a wait", async () => {
    const broker = await startBroker();
    const told = new Told();
    const client = await connected(broker, { backoffMinMs: 30_000, dice: () => 0.99 }, told);
    await commands.stopBroker(broker.id, "SIGKILL");
    await told.wait("state:waiting");
    await client.close();
    expect(client.state).toBe("closed");
  });
});
