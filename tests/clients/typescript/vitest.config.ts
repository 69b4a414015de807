// Unit tests, and those with the real broker, in Node.
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
    include: ["tests/clients/typescript/**/*_test.ts"],
    reporters: ["verbose"],
    testTimeout: 30_000, // to give up, never to measure
    hookTimeout: 30_000,
  },
});
