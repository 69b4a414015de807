// Publishing and subscribing, with the real broker.
import { Start } from "@esockets/client";
import { describe, expect, test } from "vitest";
import { clientOf, connected, enough, expectStatus, startBroker, Told } from "./support/harness.js";

describe("publish and subscribe", () => {
  test("a message arrives as it was published", async () => {
    const broker = await startBroker();
    const client = await connected(broker, { clientId: "anna", name: "Anna" });
    expect(client.clientId).toBe("anna");
    const got = client.subscribe("room/+/chat");
    await got.confirmed;
    client.publish("room/42/chat", "grüß", {
      headers: [
        ["n", "1"],
        ["n", "2"],
      ],
      replyTo: "answers/1",
      key: Uint8Array.of(0, 0x6b),
      ttlMs: 5000,
    });
    const message = await got.receive(enough.timeoutMs);
    expect(message.topic).toBe("room/42/chat");
    expect(message.text()).toBe("grüß");
    expect(message.headers).toEqual([
      ["n", "1"],
      ["n", "2"],
    ]);
    expect(message).toMatchObject({ replyTo: "answers/1", ttlMs: 5000, group: "", position: 0 });
    expect([...message.key]).toEqual([0, 0x6b]);
  });

  test("each of a client's subscriptions that match gets it, once", async () => {
    const client = await connected(await startBroker());
    const heard: string[] = [];
    for (const filter of ["a/b", "a/+", "#", "a/#", "b/#"]) {
      await client.subscribe(filter, (message) => heard.push(`${filter}=${message.text()}`));
    }
    client.publish("a/b", "1");
    await client.flush();
    expect(heard.sort()).toEqual(["#=1", "a/#=1", "a/+=1", "a/b=1"]);
  });

  test("unsubscribed is silence", async () => {
    const client = await connected(await startBroker());
    const heard: string[] = [];
    const a = await client.subscribe("a", (message) => heard.push(message.topic));
    await client.subscribe("b", (message) => heard.push(message.topic));
    a.unsubscribe();
    client.publish("a", "");
    client.publish("b", "");
    await client.flush();
    expect(heard).toEqual(["b"]);
  });

  test("an iterator gets them in order, and ends its subscription", async () => {
    const client = await connected(await startBroker());
    const subscription = client.subscribe("count");
    await subscription.confirmed;
    for (let i = 0; i < 100; ++i) client.publish("count", String(i));
    const heard: number[] = [];
    for await (const message of subscription) {
      heard.push(Number(message.text()));
      if (heard.length === 100) break;
    }
    expect(heard).toEqual([...Array(100).keys()]);
    await expectStatus(subscription.receive(), "CANCELLED");
  });

  test("an iterator ends with its client", async () => {
    const client = await connected(await startBroker());
    const subscription = await client.subscribe("t").confirmed;
    client.publish("t", "only");
    await client.flush();
    await client.close();
    const heard: string[] = [];
    for await (const message of subscription) heard.push(message.text());
    expect(heard).toEqual(["only"]);
  });

  test("a queue that is full stops the connection, and loses nothing", async () => {
    const broker = await startBroker();
    const [reader, publisher] = [await connected(broker), await connected(broker)];
    const subscription = reader.subscribe("flood", { receiveQueueMessagesMax: 10 });
    await subscription.confirmed;
    for (let i = 0; i < 2000; ++i) publisher.publish("flood", String(i));
    await publisher.flush();
    for (let i = 0; i < 2000; ++i) {
      expect((await subscription.receive(enough.timeoutMs)).text()).toBe(String(i));
    }
  });

  test("publishAndWait tells a refusal, and plain publishes tell theirs by onError", async () => {
    const told = new Told();
    const client = await connected(await startBroker(), {}, told);
    await client.publishAndWait("t", "x");
    await expectStatus(client.publishAndWait("$nothing", "x"), "PERMISSION_DENIED", 113);
    client.publish("$nothing", "x");
    expect(await told.wait("error")).toMatchObject({ code: 113 });
  });

  test("what the broker would refuse is refused here", async () => {
    const broker = await startBroker();
    const client = await connected(broker);
    const thrown = expect.objectContaining({ kind: "INVALID_ARGUMENT" });
    for (const topic of ["", "a/+", "a\0", "x".repeat(1025)]) {
      expect(() => client.publish(topic, "")).toThrow(thrown);
    }
    expect(() => client.publish("t", new Uint8Array(2 << 20))).toThrow(thrown);
    expect(() => client.publish("t", "", { ttlMs: -1 })).toThrow(thrown);
    expect(() => clientOf(broker, { keepAliveMs: -1 })).toThrow(thrown);
    const subscribe = (filter: string, options = {}) => client.subscribe(filter, () => {}, options);
    await expectStatus(subscribe("a", { maxBacklogMessages: -1 }), "INVALID_ARGUMENT");
    await expectStatus(subscribe("a#"), "INVALID_ARGUMENT");
    await expectStatus(client.subscribe("a#").receive(), "INVALID_ARGUMENT");
  });

  test("the broker's refusal of a filter", async () => {
    const client = await connected(await startBroker());
    const options = { start: Start.last(1) };
    await expectStatus(
      client.subscribe("in/no/stream", () => {}, options),
      "INVALID_ARGUMENT",
      124,
    );
  });

  test("what became of a message", async () => {
    const broker = await startBroker();
    const [client, other] = [await connected(broker), await connected(broker)];
    expect(await client.publishAndConfirm("t", "x", 5000)).toMatchObject({ matched: 0 });
    await other.subscribe("t", () => {});
    const delivery = await client.publishAndConfirm("t", "x", 5000);
    expect(delivery).toMatchObject({ matched: 1, written: 1, queued: 0 });
  });
});
