// How many messages a second a client in Node receives. Without --url from a server of its own, on
// another thread, that replays the same frames; with it from a broker that speaks WebSocket.
//
//   bazel run -c opt //bench/clients/typescript:receive -- --bytes=128 --frames_per_packet=100
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Client } from "@esockets/client";
import { WebSocket, WebSocketServer } from "ws";

const TOPIC = "bench/42";

function options() {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      messages: { type: "string", default: "2000000" },
      bytes: { type: "string", default: "128" },
      frames_per_packet: { type: "string", default: "100" },
      rounds: { type: "string", default: "3" },
    },
  });
  const number = (name) => Number(values[name]);
  return {
    url: values.url,
    messages: number("messages"),
    bytes: number("bytes"),
    framesPerPacket: number("frames_per_packet"),
    rounds: number("rounds"),
  };
}

// --- the other side -------------------------------------------------------------------------------

function varint(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return Buffer.from([...bytes, number]);
}

const field = (tag, data) => Buffer.concat([Buffer.from([tag]), varint(data.length), data]);

/** A ServerFrame with its length: `kind` is its field. */
function frame(kind, body) {
  const content = field((kind << 3) | 2, body);
  return Buffer.concat([varint(content.length), content]);
}

/** The id in a Subscribe, its first field. */
function idOf(data) {
  let at = data.indexOf(0x08, 3) + 1;
  let id = 0;
  for (let scale = 1; ; scale *= 128) {
    id += (data[at] & 127) * scale;
    if (data[at++] < 128) return id;
  }
}

function replay({ messages, bytes, framesPerPacket }) {
  const body = Buffer.concat([
    field(0x0a, Buffer.from(TOPIC)),
    field(0x12, Buffer.alloc(bytes, "x")),
  ]);
  const packet = Buffer.concat(Array(framesPerPacket).fill(frame(2, body)));
  const send = (socket, left) => {
    for (; left > 0 && socket.bufferedAmount < 1 << 20; left -= framesPerPacket)
      socket.send(packet);
    if (left > 0) setImmediate(send, socket, left);
  };
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("listening", () => parentPort.postMessage(`ws://127.0.0.1:${server.address().port}`));
  server.on("connection", (socket) =>
    socket.on("message", (data) => {
      if (data[1] === 0x0a) socket.send(frame(1, Buffer.from([8, 1])));
      else if (data[1] === 0x12)
        socket.send(frame(3, Buffer.concat([Buffer.from([8]), varint(idOf(data))])));
      else if (data[1] === 0x22) send(socket, messages);
    }),
  );
}

async function publish({ url, messages, bytes }) {
  const client = await Client.connect({ address: url, webSocket: WebSocket });
  const payload = "x".repeat(bytes);
  parentPort.postMessage(url);
  parentPort.on("message", async () => {
    for (let i = 0; i < messages; ++i) {
      if (client.outgoingBytes > 4 << 20) await client.flush();
      client.publish(TOPIC, payload);
    }
    await client.flush();
  });
}

// --- the client -----------------------------------------------------------------------------------

let lost = 0; // of this round: a real broker does not wait for a slow reader. The last one always comes

async function byCallback(client, messages, go) {
  let begin = 0;
  let count = 0;
  await new Promise((resolve) => {
    const subscribed = client.subscribe("bench/+", () => {
      if (count++ === 0) begin = performance.now();
      if (count + lost < messages) return;
      void subscribed.then((subscription) => subscription.unsubscribe());
      resolve();
    });
    void subscribed.then(go);
  });
  return count / (performance.now() - begin);
}

async function byIterator(client, messages, go) {
  const subscription = await client.subscribe("bench/+").confirmed;
  let begin = 0;
  let count = 0;
  go();
  for await (const message of subscription) {
    void message;
    if (count++ === 0) begin = performance.now();
    if (count + lost >= messages) break;
  }
  return count / (performance.now() - begin);
}

async function main() {
  const wanted = options();
  const worker = new Worker(new URL(import.meta.url), { workerData: wanted });
  const address = await new Promise((resolve) => worker.once("message", resolve));
  const onGap = ({ messages }) => (lost += messages);
  const client = await Client.connect({ address, webSocket: WebSocket }, { onGap });
  const go = () => (wanted.url ? worker.postMessage("go") : client.publish("go", ""));
  for (let round = 1; round <= wanted.rounds; ++round) {
    for (const receive of [byCallback, byIterator]) {
      lost = 0;
      const before = performance.eventLoopUtilization();
      const perMs = await receive(client, wanted.messages, go);
      const { utilization } = performance.eventLoopUtilization(before);
      const rate = Math.round(perMs * 1000).toLocaleString("en");
      console.log(
        `${receive.name}: ${rate} messages/s of ${wanted.bytes} B; ` +
          `the receiver was busy ${Math.round(utilization * 100)}%; lost: ${lost}`,
      );
    }
  }
  process.exit(0);
}

if (isMainThread) await main();
else if (workerData.url) await publish(workerData);
else replay(workerData);
