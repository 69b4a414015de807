// Machines that report, and the telemetry page that shows them.
import { readFileSync } from "node:fs";
import { Client } from "@esockets/client";
import type { BrowserContextOptions, Page } from "playwright";
import { WebSocket } from "ws";
import { built } from "../../../clients/typescript/support/built.js";
import { Program } from "../../../clients/typescript/support/program.js";
import { begin, PageHost } from "../../web/page_host.js";

export class World extends PageHost {
  /** `config`: of the broker; the examples' own by default. */
  static async begin(
    config = readFileSync(built("examples/broker.textproto"), "utf8"),
  ): Promise<World> {
    return new World(await begin("telemetry", config));
  }

  /** The real one, with this machine's figures. */
  startAgent(host: string): void {
    const address = `--broker=${this.broker.url.replace("ws://", "")}`;
    const agent = new Program(
      "examples/telemetry/agent",
      address,
      `--host=${host}`,
      "--interval_ms=50",
    );
    this.atEnd(() => agent.end());
  }

  async client(): Promise<Client> {
    const address = `ws://127.0.0.1:${this.broker.port}`;
    const client = await Client.connect({ address, webSocket: WebSocket, whenFull: "dropNewest" });
    this.atEnd(() => client.close(1000).catch(() => {}));
    return client;
  }

  /** Open, at a time of its own. */
  look(options: BrowserContextOptions = {}, time?: number): Promise<Page> {
    const viewport = { width: 1280, height: 860 };
    return this.open({
      options: { viewport, ...options },
      prepare: async (page) => {
        if (time) await page.clock.install({ time });
      },
    });
  }
}
