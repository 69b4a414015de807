import { describe, expect, test } from "vitest";
import type { SubscribeOptions } from "../../../clients/typescript/src/options.js";
import { Start } from "../../../clients/typescript/src/start.js";
import { checkSubscribe } from "../../../clients/typescript/src/subscribe_rules.js";

const refused: [string, SubscribeOptions, string][] = [
  ["a#", {}, "filter: "],
  ["", {}, "filter: "],
  ["a", { groupStrategy: "first" }, "groupStrategy: "],
  ["a", { group: "g".repeat(129) }, "group: "],
  ["a", { group: "é".repeat(65) }, "group: "],
  ["$SYS/a", { group: "g" }, "filter: "],
  ["a", { group: "g", overflow: "conflate" }, "overflow: "],
  ["a", { group: "g", start: Start.last(1) }, "start: "],
];

const taken: [string, SubscribeOptions][] = [
  ["a/+", {}],
  ["a", { start: Start.last(1), overflow: "replay" }],
  ["a", { group: "g".repeat(128), overflow: "dropNewest", groupStrategy: "hash" }],
  ["a", { group: "g", start: Start.now() }],
  ["a", { groupStrategy: "unspecified" }],
];

describe("subscribe rules", () => {
  test.each(refused)("%j with %j is refused", (filter, options, why) => {
    const status = checkSubscribe(filter, options)!;
    expect(status.kind).toBe("INVALID_ARGUMENT");
    expect(status.message).toContain(why);
  });

  test.each(taken)("%j with %j is the broker's affair", (filter, options) => {
    expect(checkSubscribe(filter, options)).toBeUndefined();
  });
});
