// Of all suites: which of them run, vitest_test says.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default defineConfig({
  root,
  cacheDir: `${process.env["TEST_TMPDIR"] ?? "/tmp"}/vite`,
  resolve: {
    alias: { "@esockets/client": `${root}/clients/typescript/src/index.ts` },
  },
  test: {
    include: ["tests/**/*_test.ts"],
    reporters: ["verbose", `${root}/tools/npm/closing_line.ts`],
    // To give up, never to measure.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
