import { describe, expect, test } from "vitest";
import { ReceiveQueue } from "../../../clients/typescript/src/receive_queue.js";
import { isClosed, StatusError, unavailable } from "../../../clients/typescript/src/status.js";
import {
  CallbackSubscriber,
  PullSubscription,
  Subscription,
} from "../../../clients/typescript/src/subscription.js";
import { behind, messageOf } from "./support/collector.js";

const name = { filter: "a/+", group: "g" };

function pull(confirmed = Promise.resolve({ stream: behind(4), lastValues: true })) {
  const ends: string[] = [];
  const queue = new ReceiveQueue(
    10,
    () => {},
    () => {},
  );
  const end = () => {
    ends.push("end");
    queue.onEnd(new StatusError("CANCELLED", ""));
  };
  return { queue, ends, subscription: new PullSubscription(name, queue, end, confirmed) };
}

async function texts(subscription: PullSubscription, most = Infinity): Promise<number[]> {
  const found: number[] = [];
  for await (const { position } of subscription) {
    found.push(position);
    if (found.length === most) break;
  }
  return found;
}

describe("subscription", () => {
  test("ends once", () => {
    let ends = 0;
    const subscription = new Subscription(name, () => ++ends);
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(ends).toBe(1);
    expect(subscription).toMatchObject({ filter: "a/+", group: "g", stream: undefined });
  });

  test("says how it began", async () => {
    const { subscription } = pull();
    expect(subscription.lastValues).toBe(false);
    expect(await subscription.confirmed).toBe(subscription);
    expect(subscription.stream!.position).toBe(4);
    expect(subscription.lastValues).toBe(true);
  });

  test("a loop that is left ends it", async () => {
    const { queue, ends, subscription } = pull();
    for (const position of [1, 2, 3]) queue.onMessage(messageOf({ position }));
    expect(subscription.size).toBe(3);
    expect(await texts(subscription, 2)).toEqual([1, 2]);
    expect(ends).toEqual(["end"]);
  });

  test("a loop ends in good order with the client", async () => {
    const { queue, subscription } = pull();
    queue.onMessage(messageOf({ position: 1 }));
    queue.onEnd(isClosed());
    expect(await texts(subscription)).toEqual([1]);
  });

  test("a loop throws what ended it otherwise", async () => {
    const { queue, subscription } = pull();
    queue.onEnd(unavailable("broken"));
    await expect(texts(subscription)).rejects.toThrow("broken");
  });

  test("what refuses it is told to who receives", async () => {
    const refused = new StatusError("PERMISSION_DENIED", "no");
    const { subscription } = pull(Promise.reject(refused));
    await expect(subscription.receive()).rejects.toBe(refused);
    await expect(subscription.confirmed).rejects.toBe(refused);
  });

  test("a callback hears nothing after its end", () => {
    const heard: number[] = [];
    const subscriber = new CallbackSubscriber(({ position }) => heard.push(position));
    subscriber.onMessage(messageOf({ position: 1 }));
    subscriber.onEnd();
    subscriber.onMessage(messageOf({ position: 2 }));
    expect(heard).toEqual([1]);
  });
});
