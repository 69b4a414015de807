// A broker that says what a test wants, to whoever connects.
import { type WebSocket, WebSocketServer } from "ws";

export interface Script {
  /** Hexadecimal digits of binary messages, sent when the first message has come. */
  says: string[];
  /** Sent as text before them. */
  text?: string;
  /** Then it ends the connection, with a code (0: without), or, where undefined, waits. */
  closeCode?: number;
  closeReason?: string;
  /** Refuses the handshake with this status of HTTP. */
  refuses?: number;
}

export class FakeBroker {
  readonly url: string;
  readonly #server: WebSocketServer;
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
      socket.once("message", () => play(script, socket));
    });
  }

  /** Returns how many connections there were. */
  async close(): Promise<number> {
    for (const socket of this.#server.clients) socket.terminate();
    await (this.#closed ??= new Promise((resolve) => this.#server.close(resolve)));
    return this.#connections;
  }
}

function play(script: Script, socket: WebSocket): void {
  if (script.text !== undefined) socket.send(script.text);
  for (const hex of script.says) socket.send(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  if (script.closeCode === 0) socket.terminate();
  else if (script.closeCode) socket.close(script.closeCode, script.closeReason);
}
