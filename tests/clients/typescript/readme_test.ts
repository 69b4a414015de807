// The README is true: its programs run, with the package as it is installed and the bundle as it is.
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Authority, LOOPBACK } from "./support/authority.js";
import { BrokerProcess } from "./support/broker_process.js";
import { built } from "./support/built.js";
import { launchChromium } from "./support/chromium.js";
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
  const archive = built("clients/typescript/esockets-client.tgz");
  await run("tar", ["-xzf", archive, "-C", target, "--strip-components=1"]);
  for (const name of ["ws", "@types", "undici-types"]) {
    symlinkSync(join(process.cwd(), "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

/** A folder with the page, as a broker serves it. */
function pageFolder(): string {
  const folder = mkdtempSync(join(process.env["TEST_TMPDIR"] ?? "/tmp", "readme-"));
  writeFileSync(join(folder, "index.html"), block("html"));
  writeFileSync(join(folder, "hello.js"), block("javascript"));
  copyFileSync(
    built("clients/typescript/esockets-client.min.js"),
    join(folder, "esockets-client.min.js"),
  );
  return folder;
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

  test("encrypted, in Node", async () => {
    const authority = await Authority.create();
    const folder = await installed();
    const [broker, client] = [
      await authority.issue("/CN=broker", LOOPBACK),
      await authority.issue("/CN=alice", "DNS:alice.example.org"),
    ];
    copyFileSync(authority.caFile, join(folder, "ca.pem"));
    copyFileSync(client.chainFile, join(folder, "chain.pem"));
    copyFileSync(client.keyFile, join(folder, "key.pem"));
    const tls = `certificate { chain_file: "${broker.chainFile}" key_file: "${broker.keyFile}" }
      client_certificates: "REQUIRED" client_ca_file: "${authority.caFile}"`;
    const started = await BrokerProcess.start({ tls });
    atEnd(() => started.close());
    const program = block("ts").replace(/wss:[^"]*/, started.url);
    const more = `console.log(client.state); await client.close();`;
    writeFileSync(join(folder, "encrypted.mjs"), `${program}\n${more}\n`);
    const { stdout } = await run(process.execPath, ["encrypted.mjs"], { cwd: folder });
    expect(stdout).toBe("connected\n");
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
    const broker = await BrokerProcess.start({ flags: [`--serve=/hello=${pageFolder()}`] });
    atEnd(() => broker.close());
    const browser = await launchChromium();
    atEnd(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${broker.port}/hello/`);
    await page.waitForSelector("#chat li");
    expect(await page.locator("#chat li").allTextContents()).toEqual(["hello"]);
  });
});
