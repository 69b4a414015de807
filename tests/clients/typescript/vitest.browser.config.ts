// The same suites in Chromium: those that need nothing of Node.
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, mergeConfig } from "vitest/config";
import { commands } from "./support/broker_commands.js";
import base from "./vitest.config.js";

const ofPages = Object.fromEntries(
  Object.entries(commands).map(([name, command]) => [
    name,
    (_context: unknown, ...args: never[]) => (command as (...args: never[]) => unknown)(...args),
  ]),
);

export default mergeConfig(
  base,
  defineConfig({
    server: { fs: { strict: false } }, // node_modules lies elsewhere
    test: {
      browser: {
        enabled: true,
        headless: true,
        api: { host: "127.0.0.1", port: 0 },
        screenshotFailures: false,
        commands: ofPages,
        instances: [{ browser: "chromium" }],
        provider: playwright({
          launchOptions: {
            executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
            args: ["--no-sandbox"],
          },
        }),
      },
    },
  }),
);
