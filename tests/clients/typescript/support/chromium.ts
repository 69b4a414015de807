// Debian's Chromium.
import { type Browser, chromium, type LaunchOptions } from "playwright";

export const LAUNCH: LaunchOptions = {
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
};

export const launchChromium = (options: LaunchOptions = {}): Promise<Browser> =>
  chromium.launch({ ...LAUNCH, ...options });
