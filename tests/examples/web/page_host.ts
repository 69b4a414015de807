// A page of the examples, served by a broker, and a browser to look at it.
import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { BrokerProcess } from "../../clients/typescript/support/broker_process.js";
import { built } from "../../clients/typescript/support/built.js";
import { LAUNCH, launchChromium } from "../../clients/typescript/support/chromium.js";
import type { Encryption } from "./encryption.js";

interface Begun {
  name: string;
  broker: BrokerProcess;
  browser: Browser;
}

/**
 * `name`: the page is that of examples/NAME. `config`: in protobuf's text format. `encryption`: it is
 * served over https.
 */
export async function begin(
  name: string,
  config: string,
  { tls, chromiumFlags = [] }: Partial<Encryption> = {},
): Promise<Begun> {
  // Where the files themselves are: the broker serves no links.
  const site = dirname(realpathSync(built(`examples/${name}/web/site/index.html`)));
  const broker = await BrokerProcess.start({ config, flags: [`--serve=/${name}=${site}`], tls });
  // As people have it, who go back to a page and find it as it was.
  const ignoreDefaultArgs = ["--disable-back-forward-cache"];
  const args = [...LAUNCH.args!, ...chromiumFlags];
  return { name, broker, browser: await launchChromium({ ignoreDefaultArgs, args }) };
}

interface Opening {
  /** Of the broker; its own by default. */
  address?: string;
  options?: BrowserContextOptions;
  /** Is called before the page is there. */
  prepare?: (page: Page) => Promise<void>;
}

export class PageHost {
  readonly broker: BrokerProcess;
  /** Of pages, about what the network is not to blame for. */
  readonly complaints: string[] = [];
  readonly #name: string;
  readonly #browser: Browser;
  readonly #cleanups: (() => Promise<unknown> | void)[] = [];

  constructor({ name, broker, browser }: Begun) {
    this.#name = name;
    this.broker = broker;
    this.#browser = browser;
  }

  /** The last one first, before the broker ends. */
  atEnd(cleanup: () => Promise<unknown> | void): void {
    this.#cleanups.push(cleanup);
  }

  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    await this.#browser.close();
    await this.broker.close();
  }

  /** In a window with a memory of its own. */
  async open({ address = this.broker.url, options = {}, prepare }: Opening = {}): Promise<Page> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (said) => {
      const isOfNetwork = /WebSocket connection|net::ERR/.test(said.text());
      if (said.type() === "error" && !isOfNetwork) this.complaints.push(said.text());
    });
    await prepare?.(page);
    await page.goto(`${address.replace(/^ws/, "http")}/${this.#name}/`);
    return page;
  }
}
