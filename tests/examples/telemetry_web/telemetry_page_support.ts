// A broker that serves the page, its agents, and the page in Chromium.
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@esockets/client";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { WebSocket } from "ws";
import { Relay } from "../../clients/typescript/support/relay.js";

const RUNFILES = join(process.env["TEST_SRCDIR"]!, process.env["TEST_WORKSPACE"]!);
const OUTPUTS = process.env["TEST_UNDECLARED_OUTPUTS_DIR"] ?? tmpdir();
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const cleanups: (() => Promise<unknown> | unknown)[] = [];

/** After the test, the last one first. */
export function atEnd(cleanup: () => Promise<unknown> | unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let browser: Browser;

beforeAll(async () => {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});

afterAll(() => browser.close());

function run(program: string, ...flags: string[]): ChildProcess {
  return spawn(join(RUNFILES, program), flags, { stdio: ["ignore", "pipe", "inherit"] });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Behind a relay: the page knows it by one address, whatever becomes of it. */
export class PageBroker {
  #process: ChildProcess | undefined;
  readonly #flags: string[];

  static async start(): Promise<PageBroker> {
    const broker = new PageBroker(await Relay.start());
    atEnd(() => broker.#close());
    await broker.start();
    return broker;
  }

  private constructor(readonly relay: Relay) {
    const folder = mkdtempSync(join(tmpdir(), "esockets-"));
    const site = join(folder, "site");
    cpSync(join(RUNFILES, "examples/telemetry/web/site"), site, {
      recursive: true,
      dereference: true,
    });
    const config = join(folder, "broker.textproto");
    writeFileSync(config, readFileSync(join(RUNFILES, "examples/broker.textproto")));
    this.#flags = [`--config=${config}`, `--serve=/telemetry=${site}`, "--log_level=error"];
  }

  async start(): Promise<void> {
    const child = run("app/broker", "--port=0", "--admin_listen=off", ...this.#flags);
    this.#process = child;
    this.relay.brokerPort = await new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error("the broker ended without listening")));
      createInterface({ input: child.stdout! }).on("line", (line) => {
        const found = /listening on 127\.0\.0\.1:(\d+)/.exec(line);
        if (found) resolve(Number(found[1]));
      });
    });
  }

  /** It dies without a word. */
  kill(): Promise<void> {
    return kill(this.#process!);
  }

  /** The real one, with this machine's figures. */
  startAgent(host: string): void {
    const address = this.relay.url.slice("ws://".length);
    const flags = [`--broker=${address}`, `--host=${host}`, "--interval_ms=50"];
    const agent = run("examples/telemetry/agent", ...flags);
    agent.stdout!.resume();
    atEnd(() => kill(agent));
  }

  async client(): Promise<Client> {
    const address = `ws://127.0.0.1:${this.relay.brokerPort}`;
    const client = await Client.connect({ address, webSocket: WebSocket, whenFull: "dropNewest" });
    atEnd(() => client.close(1000).catch(() => {}));
    return client;
  }

  async #close(): Promise<void> {
    await this.kill();
    await this.relay.close();
  }

  /** Open, at a time of its own, with nothing that the browser complains of up to the end of the test. */
  async open(options: BrowserContextOptions = {}, time?: number): Promise<Page> {
    const viewport = { width: 1280, height: 860 };
    const context = await browser.newContext({ viewport, ...options });
    await context.addInitScript({ path: AXE }); // the page's policy lets no script in later
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (said) => {
      if (said.type() === "error" && !said.text().includes("ERR_")) complaints.push(said.text());
    });
    atEnd(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    if (time) await page.clock.install({ time });
    await page.goto(`${this.relay.url.replace("ws:", "http:")}/telemetry/`);
    return page;
  }
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(OUTPUTS, `telemetry_${name}.png`) });
}

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe-core says against the page. */
export async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: Violation[] }> };
    };
    return (await axe.run()).violations;
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
