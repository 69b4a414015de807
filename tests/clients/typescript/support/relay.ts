// What stands between a client and the broker: it cuts connections, and stays when the broker goes. Bytes
// go through as they are.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Relay {
  url = "";
  brokerPort = 0;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  static async start(): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    relay.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return relay;
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (client) => this.#onConnection(client));
  }

  #onConnection(client: Socket): void {
    const broker = connect(this.brokerPort, "127.0.0.1");
    this.#clients.add(client);
    client.on("error", () => broker.destroy());
    client.on("close", () => {
      this.#clients.delete(client);
      broker.destroy();
    });
    broker.on("error", () => reset(client));
    client.pipe(broker);
    broker.pipe(client);
  }

  /** Every connection breaks, as if the network had gone. */
  cut(): void {
    for (const client of this.#clients) reset(client);
  }

  /** Of those that stand the youngest. */
  cutNewest(): void {
    const newest = [...this.#clients].at(-1);
    if (newest) reset(newest);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

// One that says its goodbye cannot be reset: Node (20) would not close it, and never end by itself.
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
