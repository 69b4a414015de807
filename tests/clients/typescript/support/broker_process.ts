// The real broker on a port of its own, behind a relay: whoever knows it by its url finds it there again
// when it was started again.
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program } from "./program.js";
import { Relay } from "./relay.js";

export interface BrokerOptions {
  /** In protobuf's text format. */
  config?: string;
  flags?: string[];
  /** What stands in `tls` of a listener: then this is what the relay leads to. */
  tls?: string;
}

export class BrokerProcess {
  readonly relay: Relay;
  readonly #configFile: string;
  readonly #flags: string[];
  readonly #tls: string | undefined;
  #plainPort = 0;
  #program!: Program;

  static async start(options: BrokerOptions = {}): Promise<BrokerProcess> {
    const broker = new BrokerProcess(await Relay.start(), options);
    await broker.start();
    return broker;
  }

  private constructor(relay: Relay, { config = "", flags = [], tls }: BrokerOptions) {
    this.relay = relay;
    this.#tls = tls;
    this.#configFile = join(mkdtempSync(join(tmpdir(), "esockets-")), "broker.textproto");
    this.#configure(config);
    const own = ["--admin_listen=off", "--log_level=error", `--config=${this.#configFile}`];
    this.#flags = ["--port=0", ...own, ...flags];
  }

  #configure(config: string): void {
    const listener = `listener { address: "127.0.0.1:0" tls { ${this.#tls} } }`;
    writeFileSync(this.#configFile, this.#tls === undefined ? config : `${config}\n${listener}\n`);
  }

  get url(): string {
    return this.#tls === undefined ? this.relay.url : this.relay.url.replace("ws:", "wss:");
  }

  /** Of the listener without TLS, which is always there. */
  get plainPort(): number {
    return this.#plainPort;
  }

  /** Its own, without the relay. */
  get port(): number {
    return this.relay.brokerPort;
  }

  /** Again; perhaps configured otherwise. */
  async start(config?: string): Promise<void> {
    if (config !== undefined) this.#configure(config);
    this.#program = new Program("app/broker", ...this.#flags);
    this.#plainPort = await this.#portIn(/listening on 127\.0\.0\.1:(\d+)/);
    const isPlain = this.#tls === undefined;
    this.relay.brokerPort = isPlain ? this.#plainPort : await this.#portIn(/on tls:.*:(\d+)$/);
  }

  async #portIn(line: RegExp): Promise<number> {
    return Number((await this.#program.expect(line))[1]);
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#program.signal(signal);
  }

  /** `signal` SIGTERM: it says goodbye to its clients; SIGKILL: it dies. Returns when it is gone. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    return this.#program.end(signal);
  }

  /** A client that promises signs of life and gives none: resolves with how much it was sent. */
  async silentClientIsClosed(keepAliveMs: number): Promise<number> {
    const socket = connect(this.port, "127.0.0.1");
    let bytes = 0;
    socket.on("data", (data) => (bytes += data.length));
    socket.write(connectFrame(keepAliveMs));
    await new Promise((resolve) => socket.once("close", resolve));
    return bytes;
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    await this.relay.close();
  }
}

/** Of less than 2^14 milliseconds. */
function connectFrame(keepAliveMs: number): Uint8Array {
  const number = [(keepAliveMs & 0x7f) | 0x80, keepAliveMs >> 7];
  return Uint8Array.of(7, 0x0a, 5, 0x08, 1, 0x40, ...number);
}
