// The README is true: its programs run, with the package as it is installed and the bundle as it is.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright";
import { describe, expect, test } from "vitest";
import { atEnd, startBroker } from "./support/harness.js";

const run = promisify(execFile);
const README = readFileSync("clients/typescript/README.md", "utf8");

function block(language: string): string {
  const found = new RegExp("```" + language + "\\n([^]*?)\\n```").exec(README);
  return found![1]!;
}

/** A folder with the package installed, as npm does it. */
async function installed(): Promise<string> {
  const folder = mkdtempSync(join(process.env["TEST_TMPDIR"] ?? "/tmp", "readme-"));
  const target = join(folder, "node_modules", "@esockets", "client");
  mkdirSync(target, { recursive: true });
  const archive = process.env["ESOCKETS_PACKAGE"]!;
  await run("tar", ["-xzf", archive, "-C", target, "--strip-components=1"]);
  for (const name of ["ws", "@types", "undici-types"]) {
    symlinkSync(join(process.cwd(), "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

/** Serves the page and the bundle beside it. */
async function serve(page: string): Promise<string> {
  const server = createServer((request, response) => {
    const isScript = request.url!.endsWith(".js");
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? readFileSync(process.env["ESOCKETS_BUNDLE"]!) : page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("README", () => {
  test("in Node", async () => {
    const broker = await startBroker();
    const folder = await installed();
    writeFileSync(join(folder, "hello.mjs"), block("js"));
    const env = { ...process.env, ESOCKETS_URL: broker.url };
    const { stdout } = await run(process.execPath, ["hello.mjs"], { cwd: folder, env });
    expect(stdout).toBe("room/42/temperature 21.5\n");
  });

  test("the package's types", async () => {
    const folder = await installed();
    const program = block("js").replace("process.env.ESOCKETS_URL ?? ", "");
    writeFileSync(join(folder, "hello.mts"), `${program}\nconst state: "closed" = client.state;\n`);
    const compiler = join(process.cwd(), "node_modules/typescript/bin/tsc");
    const flags = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"];
    const check = run(process.execPath, [compiler, ...flags, "hello.mts"], { cwd: folder });
    // They are there, and say no: a state may be another.
    await expect(check).rejects.toMatchObject({
      stdout: expect.stringMatching(/^hello\.mts\(\d+,7\): error TS2322: Type 'State'/) as string,
    });
  }, 120_000);

  test("in a page", async () => {
    const broker = await startBroker();
    const url = await serve(block("html"));
    const browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
    atEnd(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${url}?broker=${encodeURIComponent(broker.url)}`);
    await page.waitForSelector("#chat li");
    expect(await page.locator("#chat li").allTextContents()).toEqual(["hello"]);
  });
});
