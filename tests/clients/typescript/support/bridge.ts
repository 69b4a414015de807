// What stands between a client and the broker: it cuts connections, and stays when the broker goes.
import { connect, type Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const SUBPROTOCOL = "esockets.v1";
const PING_MS = 50;
const CONGESTED_BYTES = 1 << 20;
/** A native Ping, as a frame: to the broker a Pong of the WebSocket is a sign of life. */
const PING_FRAME = Uint8Array.of(0x02, 0x2a, 0x00);

/** WebSocket to the client, TCP to the broker. */
export class Bridge {
  url = "";
  brokerPort = 0;
  pongs = 0;
  readonly #server: WebSocketServer;

  static async start(): Promise<Bridge> {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    const bridge = new Bridge(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address() as { port: number };
    bridge.url = `ws://127.0.0.1:${address.port}`;
    return bridge;
  }

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket) => this.#onConnection(socket));
  }

  #onConnection(socket: WebSocket): void {
    const broker = connect(this.brokerPort, "127.0.0.1");
    const pings = setInterval(() => socket.ping(), PING_MS);
    socket.on("message", (data: Buffer) => broker.write(data));
    socket.on("pong", () => {
      ++this.pongs;
      broker.write(PING_FRAME);
    });
    socket.on("error", () => broker.destroy());
    socket.on("close", () => {
      clearInterval(pings);
      broker.end();
    });
    broker.on("data", (data) => forward(data, socket, broker));
    broker.on("end", () => socket.close(1000));
    broker.on("error", () => socket.terminate());
  }

  /** Every connection breaks, as if the network had gone. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  /** Of those that stand the youngest. */
  cutNewest(): void {
    [...this.#server.clients].at(-1)?.terminate();
  }

  /** Connections that stand. */
  get connections(): number {
    return this.#server.clients.size;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function forward(data: Buffer, socket: WebSocket, broker: Socket): void {
  socket.send(data, { binary: true }, () => {
    if (socket.bufferedAmount < CONGESTED_BYTES) broker.resume();
  });
  if (socket.bufferedAmount >= CONGESTED_BYTES) broker.pause();
}
