// A broker that serves the chat page, and people in front of it, each with a browser of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { dirname, join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { Relay } from "../../../clients/typescript/support/relay.js";

const PROGRAM = process.env["ESOCKETS_BROKER"] ?? "bazel-bin/app/broker";
// Where the files themselves are: the broker serves no links.
const PAGE = PROGRAM.replace(/app\/broker$/, "examples/chat/web/site/index.html");
const SITE = dirname(realpathSync(PAGE));

/** As examples/broker.textproto; who leaves is told soon, and a stream of a few messages is soon full. */
export function config(maxMessages = 1000): string {
  return `
    stream { name: "chat" filter: "chat/#" max_messages: ${maxMessages} }
    delivery { filter: "chat/#" default: "REPLAY" }
    presence { filter: "chat/+" window_ms: 10 grace_ms: 10000 visible_to: "MEMBERS" }
    stamps { time: true }`;
}

export class Broker {
  port = 0;
  readonly #config = join(mkdtempSync(join(process.env["TEST_TMPDIR"] ?? "/tmp", "c-")), "config");
  #process: ChildProcess | undefined;

  constructor(text: string) {
    writeFileSync(this.#config, text);
  }

  /** Again: at the same address. */
  async start(): Promise<void> {
    const flags = [`--port=${this.port}`, `--config=${this.#config}`, `--serve=/chat=${SITE}`];
    const quiet = ["--admin_listen=off", "--log_level=error"];
    const child = spawn(PROGRAM, [...flags, ...quiet], { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    this.port = await new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error(`${PROGRAM} ended without listening`)));
      createInterface({ input: child.stdout! }).on("line", (line) => {
        const found = /listening on 127\.0\.0\.1:(\d+)/.exec(line);
        if (found) resolve(Number(found[1]));
      });
    });
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process!.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#process!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

export class World {
  readonly broker: Broker;
  #browser: Browser | undefined;
  readonly #relays: Relay[] = [];
  /** What pages had to complain about. */
  readonly errors: string[] = [];

  static async begin(text = config()): Promise<World> {
    const world = new World(text);
    await world.broker.start();
    world.#browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
    return world;
  }

  private constructor(text: string) {
    this.broker = new Broker(text);
  }

  async end(): Promise<void> {
    await this.#browser?.close();
    for (const relay of this.#relays) await relay.close();
    await this.broker.kill();
  }

  get url(): string {
    return `http://127.0.0.1:${this.broker.port}/chat/`;
  }

  get address(): string {
    return `ws://127.0.0.1:${this.broker.port}`;
  }

  /** Somebody who has opened the page and not said a name. */
  async stranger(options: BrowserContextOptions = {}, url = this.url): Promise<Page> {
    const context = await this.#browser!.newContext(options);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (said) => {
      const isOfNetwork = /WebSocket connection|net::ERR/.test(said.text());
      if (said.type() === "error" && !isOfNetwork) this.errors.push(said.text());
    });
    await page.goto(url);
    return page;
  }

  async person(name: string, options: BrowserContextOptions = {}, url = this.url): Promise<Page> {
    const page = await this.stranger(options, url);
    await page.getByRole("textbox", { name: "Your name" }).fill(name);
    await page.getByRole("button", { name: "Start chatting" }).click();
    await page.locator(".person", { hasText: name }).waitFor({ state: "attached" });
    return page;
  }

  /** The same, with a network of her own that can go. */
  async personBehindRelay(name: string): Promise<{ page: Page; relay: Relay }> {
    const relay = await Relay.start();
    this.#relays.push(relay);
    relay.brokerPort = this.broker.port;
    const page = await this.person(name, {}, `${relay.url.replace("ws", "http")}/chat/`);
    return { page, relay };
  }
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

/** Waits until a text is in the room that is shown. */
export async function sees(page: Page, text: string, kind = ".message p"): Promise<void> {
  await page.locator(`.log:not([hidden]) ${kind}`, { hasText: text }).first().waitFor();
}

/** What was said in the room that is shown, in order. */
export function said(page: Page): Promise<string[]> {
  return page.locator(".log:not([hidden]) .message:not(.pending) p").allTextContents();
}
