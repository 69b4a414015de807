// A broker that says what a test wants, to whoever connects.
import { type WebSocket, WebSocketServer } from "ws";

export interface Script {
  /** Hexadecimal digits of binary messages, sent when the first message has come. */
  says: string[];
  /** The same, one for each message that follows. */
  answers?: string[];
  /** Sent as text before them. */
  text?: string;
  /** Behind all of it it ends the connection, with a code (0: without), or, where undefined, waits. */
  closeCode?: number;
  closeReason?: string;
  /** Refuses the handshake with this status of HTTP. */
  refuses?: number;
}

export class FakeBroker {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #heard: number[][] = [];
  #onHeard = () => {};
  #connections = 0;
  #closed: Promise<unknown> | undefined;

  static async start(script: Script): Promise<FakeBroker> {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      verifyClient: (_info: unknown, done: (ok: boolean, status?: number) => void) =>
        script.refuses ? done(false, script.refuses) : done(true),
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return new FakeBroker(server, script);
  }

  private constructor(server: WebSocketServer, script: Script) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on("connection", (socket) => {
      ++this.#connections;
      socket.on("error", () => {});
      const player = play(script, socket);
      socket.on("message", (data: Buffer) => {
        this.#heard.push([...data]);
        player.next();
        this.#onHeard();
      });
    });
  }

  /** Resolves with the bytes of the nth message, of whichever connection. For one who asks. */
  async hears(nth: number): Promise<number[]> {
    while (this.#heard.length < nth) {
      await new Promise<void>((resolve) => (this.#onHeard = resolve));
    }
    return this.#heard[nth - 1]!;
  }

  /** Returns how many connections there were. */
  async close(): Promise<number> {
    for (const socket of this.#server.clients) socket.terminate();
    await (this.#closed ??= new Promise((resolve) => this.#server.close(resolve)));
    return this.#connections;
  }
}

/** Goes on with each message that comes. */
function* play(script: Script, socket: WebSocket): Generator<void> {
  const say = (hex: string) => socket.send(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  if (script.text !== undefined) socket.send(script.text);
  for (const hex of script.says) say(hex);
  for (const hex of script.answers ?? []) {
    yield;
    say(hex);
  }
  if (script.closeCode === 0) socket.terminate();
  else if (script.closeCode) socket.close(script.closeCode, script.closeReason);
}
