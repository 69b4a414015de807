// Pages of the examples, in Chromium.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export default defineConfig({
  root,
  cacheDir: `${process.env["TEST_TMPDIR"] ?? "/tmp"}/vite`,
  resolve: {
    alias: { "@esockets/client": `${root}/clients/typescript/src/index.ts` },
  },
  test: {
    include: ["tests/examples/telemetry_web/*_test.ts"],
    reporters: ["verbose", "./tests/examples/telemetry_web/closing_line.ts"],
    testTimeout: 240_000, // to give up, never to measure
    hookTimeout: 60_000,
  },
});
