// People in front of the chat page, each with a browser of their own; or at a terminal.
import type { BrowserContextOptions, Page } from "playwright";
import { Program } from "../../../clients/typescript/support/program.js";
import { Relay } from "../../../clients/typescript/support/relay.js";
import type { Encryption } from "../../web/encryption.js";
import { begin, PageHost } from "../../web/page_host.js";

/** As examples/broker.textproto; who leaves is told soon, and a stream of a few messages is soon full. */
export function config(maxMessages = 1000): string {
  return `
    stream { name: "chat" filter: "chat/#" max_messages: ${maxMessages} }
    delivery { filter: "chat/#" default: "REPLAY" }
    presence { filter: "chat/+" window_ms: 10 grace_ms: 10000 visible_to: "MEMBERS" }
    stamps { time: true }`;
}

export class World extends PageHost {
  static async begin(text = config(), encryption?: Encryption): Promise<World> {
    return new World(await begin("chat", text, encryption));
  }

  /** The broker's own address, without the relay. */
  get address(): string {
    return `ws://127.0.0.1:${this.broker.port}`;
  }

  /** To a page that has just been opened. */
  async sayName(page: Page, name: string): Promise<void> {
    await page.getByRole("textbox", { name: "Your name" }).fill(name);
    await page.getByRole("button", { name: "Start chatting" }).click();
  }

  async enter(page: Page, name: string): Promise<Page> {
    await this.sayName(page, name);
    await page.locator(".person", { hasText: name }).waitFor({ state: "attached" });
    return page;
  }

  async person(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    return this.enter(await this.open({ options }), name);
  }

  /** The same, with a network of her own that can go. */
  async personBehindRelay(name: string): Promise<{ page: Page; relay: Relay }> {
    const relay = await Relay.start();
    this.atEnd(() => relay.close());
    relay.brokerPort = this.broker.port;
    return { page: await this.enter(await this.open({ address: relay.url }), name), relay };
  }

  /** In the chat of examples/chat. */
  async personAtTerminal(name: string): Promise<Program> {
    const broker = this.broker.url.replace("ws://", "");
    const chat = new Program("examples/chat/chat", `--broker=${broker}`, `--nick=${name}`);
    this.atEnd(() => chat.end());
    await chat.expect(new RegExp(`${name} has joined lobby`));
    return chat;
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
