import { describe, expect, test } from "vitest";
import {
  checkFilter,
  checkTopic,
  filterCovers,
  filterMatches,
  filtersOverlap,
  isLiteral,
} from "../../../clients/typescript/src/topic.js";

/**
 * All filters of up to two levels over a small alphabet, and all topics of up to three: with the empty
 * one, which is none, but which the rules know.
 */
const WORDS = ["", "a", "b", "$"];
const LEVELS = [...WORDS, "+", "#"];
const TOPICS = [...products(WORDS, 1), ...products(WORDS, 2), ...products(WORDS, 3)];
const FILTERS = [...products(LEVELS, 1), ...products(LEVELS, 2)].filter(
  (filter) => checkFilter(filter) === "",
);

function products(words: string[], levels: number): string[] {
  if (levels === 1) return words;
  return products(words, levels - 1).flatMap((head) => words.map((word) => `${head}/${word}`));
}

const matched = (filter: string) => TOPICS.filter((topic) => filterMatches(filter, topic));

describe("topics", () => {
  test.each(["", "a/+", "a#", "\ud800", "a\0", "x".repeat(1025), Array(33).fill("a").join("/")])(
    "%j is none",
    (topic) => expect(checkTopic(topic)).not.toBe(""),
  );

  test.each(["/", "a//b", "日本", "🌍", "x".repeat(1024), Array(32).fill("a").join("/")])(
    "%j is one",
    (topic) => expect(checkTopic(topic)).toBe(""),
  );

  test.each(["", "a+", "#/a", "a/#/b", "+a", "##"])("%j is no filter", (filter) =>
    expect(checkFilter(filter)).not.toBe(""),
  );

  test("reserved topics are for filters that name them", () => {
    expect(filterMatches("#", "$SYS/a")).toBe(false);
    expect(filterMatches("+/a", "$SYS/a")).toBe(false);
    expect(filterMatches("$SYS/#", "$SYS/a")).toBe(true);
  });

  test("literals", () => {
    expect([isLiteral("a/b"), isLiteral("a/+"), isLiteral("#")]).toEqual([true, false, false]);
  });

  test("overlapping is having a topic in common", () => {
    for (const a of FILTERS) {
      const own = new Set(matched(a));
      for (const b of FILTERS) {
        const common = matched(b).some((topic) => own.has(topic));
        expect(filtersOverlap(a, b), `${a} ${b}`).toBe(common);
      }
    }
  });

  test("covering is having all topics of the other", () => {
    for (const a of FILTERS) {
      const own = new Set(matched(a));
      for (const b of FILTERS) {
        const all = matched(b).every((topic) => own.has(topic));
        expect(filterCovers(a, b), `${a} ${b}`).toBe(all);
      }
    }
  });
});
