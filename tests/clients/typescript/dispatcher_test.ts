import { describe, expect, test } from "vitest";
import { Dispatcher } from "../../../clients/typescript/src/dispatcher.js";
import { Subscribed } from "../../../clients/typescript/src/filter_entry.js";
import { Collector, messageOf } from "./support/collector.js";

function setUp() {
  const dispatcher = new Dispatcher();
  let ids = 0;
  const add = (filter: string, group = "") => {
    const ear = new Collector();
    dispatcher.add(filter, { group }, new Subscribed(++ids, ear));
    return ear;
  };
  const say = (topic: string, group = "") => dispatcher.dispatch(messageOf({ topic, group }));
  return { dispatcher, add, say };
}

describe("dispatcher", () => {
  test("each that matches, and no other", () => {
    const { add, say } = setUp();
    const ears = Object.fromEntries(["a/b", "a/+", "#", "a/#", "b"].map((f) => [f, add(f)]));
    expect(say("a/b")).toBe(4);
    expect(say("a")).toBe(2);
    expect(say("$SYS/a")).toBe(0);
    const heard = Object.entries(ears).map(([filter, { topics }]) => [filter, topics.length]);
    expect(heard).toEqual([
      ["a/b", 1],
      ["a/+", 1],
      ["#", 2],
      ["a/#", 2],
      ["b", 0],
    ]);
  });

  test("what is remembered of a topic is forgotten when the filters change", () => {
    const { dispatcher, add, say } = setUp();
    add("a");
    expect(say("a")).toBe(1);
    add("+");
    add("+");
    expect(say("a")).toBe(3);
    dispatcher.remove({ filter: "+", group: "" }, 2);
    expect(say("a")).toBe(2);
    dispatcher.removeAll({ filter: "+", group: "" });
    expect(say("a")).toBe(1);
  });

  test("more topics than are remembered", () => {
    const { add, say } = setUp();
    const ear = add("+");
    for (let i = 0; i < 3000; ++i) say(String(i % 1500));
    expect(ear.topics).toHaveLength(3000);
  });

  test("a message of a group is for that group alone", () => {
    const { dispatcher, add, say } = setUp();
    const [plain, one, two] = [add("a"), add("a", "one"), add("a", "two")];
    say("a");
    say("a", "one");
    expect(say("a", "three")).toBe(0);
    expect([plain.topics.length, one.topics.length, two.topics.length]).toEqual([1, 1, 0]);
    expect(dispatcher.names()).toContainEqual({ filter: "a", group: "two" });
    expect(dispatcher.removeAll({ filter: "a", group: "two" })).toHaveLength(1);
    expect(dispatcher.find({ filter: "a", group: "two" })).toBeUndefined();
  });

  test("which overlap", () => {
    const { dispatcher, add } = setUp();
    for (const filter of ["a/1", "a/+", "b/#", "#"]) add(filter);
    expect(dispatcher.overlapping({ filter: "a/1", group: "" })).toHaveLength(2);
    expect(dispatcher.overlapping({ filter: "a/1", group: "g" })).toHaveLength(0);
  });

  test("who is not there cannot be removed", () => {
    const { dispatcher, add } = setUp();
    add("a");
    expect(dispatcher.remove({ filter: "a", group: "" }, 9)).toBeUndefined();
    expect(dispatcher.remove({ filter: "b", group: "" }, 1)).toBeUndefined();
    expect(dispatcher.names()).toHaveLength(1);
  });
});
