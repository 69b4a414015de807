// What a page has to load.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { built } from "./support/built.js";

const KIB = 1024;

async function bundled(code: string): Promise<string> {
  const build = await rolldown({
    input: "entry",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "entry" ? id : undefined),
        load: (id) => (id === "entry" ? code : undefined),
      },
    ],
    resolve: { alias: { "@esockets/client": `${process.cwd()}/clients/typescript/src/index.ts` } },
  });
  const { output } = await build.generate({ format: "esm", minify: true });
  return output[0].code;
}

const gzipped = (code: string | Uint8Array) => gzipSync(code, { level: 9 }).length;

describe("size", () => {
  test("the bundle with all that it needs", () => {
    const code = readFileSync(built("clients/typescript/esockets-client.min.js"));
    console.log(`bundle: ${code.length} bytes, ${gzipped(code)} gzipped`);
    expect(gzipped(code)).toBeLessThanOrEqual(25 * KIB);
    expect(gzipped(code)).toBeLessThanOrEqual(17 * KIB); // as the README says
    expect(code.includes("import")).toBe(false);
  });

  test("what is not used is left out", async () => {
    const code = await bundled(
      `import { Start } from "@esockets/client"; console.log(Start.now());`,
    );
    expect(code.length).toBeLessThan(KIB);
  });
});
