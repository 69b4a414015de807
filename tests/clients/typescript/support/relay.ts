// What stands between a client and a broker that speaks WebSocket itself: it cuts connections, and stays
// when the broker goes. Bytes go through as they are.
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
    broker.on("error", () => client.resetAndDestroy());
    client.pipe(broker);
    broker.pipe(client);
  }

  /** Every connection breaks, as if the network had gone. */
  cut(): void {
    for (const client of this.#clients) client.resetAndDestroy();
  }

  /** Of those that stand the youngest. */
  cutNewest(): void {
    [...this.#clients].at(-1)?.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
