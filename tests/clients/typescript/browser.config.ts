// The same suites in Chromium: those that need nothing of Node.
import { playwright } from "@vitest/browser-playwright";
import type { BrowserCommand } from "vitest/node";
import { mergeConfig, type ViteUserConfig } from "vitest/config";
import { LAUNCH } from "./support/chromium.js";
import { commands } from "./support/broker_commands.js";
import base from "../../../tools/npm/vitest.config.js";

const ofPages: Record<string, BrowserCommand<never[]>> = Object.fromEntries(
  Object.entries(commands).map(([name, command]) => [
    name,
    (_context, ...args) => (command as (...args: never[]) => unknown)(...args),
  ]),
);

const inChromium: ViteUserConfig = {
  server: { fs: { strict: false } }, // node_modules lies elsewhere
  test: {
    browser: {
      enabled: true,
      headless: true,
      api: { host: "127.0.0.1", port: 0 },
      screenshotFailures: false,
      commands: ofPages,
      instances: [{ browser: "chromium" }],
      provider: playwright({ launchOptions: LAUNCH }),
    },
  },
};

export default mergeConfig(base, inChromium);
