// docs/CLIENTS.md names tests of this client: they exist, and no rule comes twice.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const DOCUMENT = readFileSync("docs/CLIENTS.md", "utf8");
const TABLE = DOCUMENT.split("## Which test of TypeScript shows it")[1]!;
const ROWS = [...TABLE.matchAll(/^\| C(\d+) \| (.*) \|$/gm)];

describe("the table of docs/CLIENTS.md", () => {
  test("has each rule once, in order", () => {
    const numbers = ROWS.map(([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(40);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test.each(ROWS.map(([, rule, tests]) => [rule!, tests!]))("C%s", (_rule, tests) => {
    for (const [, name, titles] of tests.matchAll(/`(\w+)` ("[^`]*")/g)) {
      const source = readFileSync(`tests/clients/typescript/${name}_test.ts`, "utf8");
      for (const [title] of titles!.matchAll(/"[^"]*"/g)) expect(source).toContain(title);
    }
  });
});
