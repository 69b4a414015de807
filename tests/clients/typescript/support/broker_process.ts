// The real broker on a port of its own, behind a bridge.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
// For a broker that speaks WebSocket itself: import { Relay as Bridge } from "./relay.js";
import { Bridge } from "./bridge.js";

export interface BrokerOptions {
  /** In protobuf's text format. */
  config?: string;
  flags?: string[];
}

const PROGRAM = process.env["ESOCKETS_BROKER"] ?? "bazel-bin/app/broker";

export class BrokerProcess {
  readonly bridge: Bridge;
  readonly #configFile: string;
  readonly #flags: string[];
  #process: ChildProcess | undefined;

  static async start(options: BrokerOptions = {}): Promise<BrokerProcess> {
    const broker = new BrokerProcess(await Bridge.start(), options);
    await broker.start();
    return broker;
  }

  private constructor(bridge: Bridge, { config = "", flags = [] }: BrokerOptions) {
    this.bridge = bridge;
    this.#configFile = join(mkdtempSync(join(tmpdir(), "esockets-")), "broker.textproto");
    writeFileSync(this.#configFile, config);
    const own = ["--admin_listen=off", "--log_level=error", `--config=${this.#configFile}`];
    this.#flags = [...own, ...flags];
  }

  get url(): string {
    return this.bridge.url;
  }

  /** Again, for clients that know it by its url; perhaps configured otherwise. */
  async start(config?: string): Promise<void> {
    if (config !== undefined) writeFileSync(this.#configFile, config);
    const child = spawn(PROGRAM, ["--port=0", ...this.#flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    this.bridge.brokerPort = await listeningPort(child);
  }

  /** `signal` SIGTERM: it says goodbye to its clients; SIGKILL: it dies. Returns when it is gone. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /** A client that promises signs of life and gives none: resolves with how much it was sent. */
  async silentClientIsClosed(keepAliveMs: number): Promise<number> {
    const socket = connect(this.bridge.brokerPort, "127.0.0.1");
    let bytes = 0;
    socket.on("data", (data) => (bytes += data.length));
    socket.write(connectFrame(keepAliveMs));
    await new Promise((resolve) => socket.once("close", resolve));
    return bytes;
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    await this.bridge.close();
  }
}

/** Of less than 2^14 milliseconds. */
function connectFrame(keepAliveMs: number): Uint8Array {
  const number = [(keepAliveMs & 0x7f) | 0x80, keepAliveMs >> 7];
  return Uint8Array.of(7, 0x0a, 5, 0x08, 1, 0x40, ...number);
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${PROGRAM} ended without listening`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (found) resolve(Number(found[1]));
    });
  });
}
