import { describe, expect, test } from "vitest";
import { Dispatcher } from "../../../clients/typescript/src/dispatcher.js";
import { Subscribed } from "../../../clients/typescript/src/filter_entry.js";
import type { SubscribeOptions } from "../../../clients/typescript/src/options.js";
import { planResumptions } from "../../../clients/typescript/src/resumption.js";
import { Start } from "../../../clients/typescript/src/start.js";
import { behind, Collector } from "./support/collector.js";

const EPOCH = 9;

function setUp() {
  const dispatcher = new Dispatcher();
  const add = (filter: string, position = 0, options: SubscribeOptions = {}, name = "chat") => {
    dispatcher.add(filter, options, new Subscribed(1, new Collector()));
    if (name === "") return; // it is in no stream
    const told = behind(position, {
      name,
      epoch: EPOCH,
      ...(options.overflow && { overflow: options.overflow }),
    });
    dispatcher.find({ filter, group: "" })!.begin(1, told);
  };
  /** "chat/#@5 for chat/1", "chat/1 rides", "other". */
  const plan = () =>
    planResumptions(dispatcher).map(({ name, start, rides, riders }) => {
      const at = start.epoch === EPOCH ? `@${start.number}` : "";
      const readsFor = riders.map(({ filter }) => ` for ${filter}`).join("");
      const group = name.group && ` in ${name.group}`;
      return `${name.filter}${rides ? " rides" : ""}${at}${readsFor}${group}`;
    });
  return { dispatcher, add, plan };
}

describe("resumption", () => {
  test("each goes on behind what it has", () => {
    const { add, plan } = setUp();
    expect(plan()).toEqual([]);
    add("chat/1", 5);
    add("chat/2/#", 7);
    add("#", 0, {}, "");
    add("news/1", 3, {}, "news");
    expect(plan().sort()).toEqual(["#", "chat/1@5", "chat/2/#@7", "news/1@3"]);
  });

  test("the widest reads for those that it covers, which are asked for first", () => {
    const { add, plan } = setUp();
    add("chat/1", 5);
    add("chat/+", 7, { start: Start.last(1) });
    add("chat/#", 9);
    // chat/1 heard all up to 9.
    expect(plan()).toEqual(["chat/1 rides", "chat/+ rides", "chat/#@7 for chat/1 for chat/+"]);
  });

  test("groups neither read nor ride", () => {
    const { add, plan } = setUp();
    add("chat/#", 9);
    add("chat/#", 0, { group: "workers" }, "");
    add("chat/1", 0, { group: "workers" }, "");
    expect(plan().sort()).toEqual(["chat/# in workers", "chat/#@9", "chat/1 in workers"]);
  });

  test("of two that are the same one reads", () => {
    const { add, plan } = setUp();
    add("#", 5, { overflow: "replay" }, "all");
    add("+/#", 3, { overflow: "replay" }, "all");
    const [rider, reader] = plan();
    expect(rider).toMatch(/ rides$/);
    expect(reader).toContain("@3 for ");
  });

  test("what conflates begins anew, and reads for nobody", () => {
    const { dispatcher, add, plan } = setUp();
    add("chat/#", 5, { overflow: "conflate" });
    add("chat/1", 3);
    add("chat/2", 4, { overflow: "conflate" });
    expect(plan().sort()).toEqual(["chat/#", "chat/1@3", "chat/2"]);
    for (const { name, start } of planResumptions(dispatcher)) {
      if (name.filter !== "chat/1")
        expect(start).toMatchObject({ at: "lastOfEachTopic", number: 1 });
    }
  });

  test("what was never answered is asked for as at first", () => {
    const { dispatcher, add } = setUp();
    add("chat/1", 0, { start: Start.last(3) }, "");
    expect(planResumptions(dispatcher)).toMatchObject([{ start: { at: "last", number: 3 } }]);
  });

  test("presence comes last: who may see it only on the topic must be on it first", () => {
    const { add, plan } = setUp();
    for (let i = 0; i < 20; ++i) {
      add(`room/${i}`, 0, {}, "");
      add(`$presence/room/${i}`, 0, {}, "");
    }
    add("room/+", 0, {}, "");
    const begins = plan().map((line) => line.startsWith("$presence/"));
    expect(begins).toEqual([...Array<boolean>(21).fill(false), ...Array<boolean>(20).fill(true)]);
  });
});
