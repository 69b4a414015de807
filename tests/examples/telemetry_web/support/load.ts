// Machines that are none, as many and as talkative as a test wants.
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Client } from "@esockets/client";
import {
  CpuSchema,
  DiskSchema,
  MemorySchema,
  NetworkSchema,
} from "../../../../examples/telemetry/telemetry_pb.js";

const CORES = 32;
const GB = 1e9;
const TICK_MS = 20;
const ROLES = ["cache", "db", "edge", "queue", "web"];

export const hostName = (i: number) =>
  `${ROLES[i % ROLES.length]}-${String(Math.floor(i / ROLES.length) + 1).padStart(2, "0")}`;

/** Between 0 and 1, and never the same for two machines. */
function wave(i: number, atMs: number, periodMs: number): number {
  const slow = Math.sin(i * 1.7 + atMs / periodMs);
  const fast = Math.sin(i * 0.9 + atMs / (periodMs / 7.3)) * Math.sin(i + atMs / 3100);
  return Math.min(Math.max(0.42 + 0.28 * slow + 0.16 * fast, 0), 1);
}

export class Load {
  published = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly client: Client,
    readonly machines: number,
  ) {}

  #publish<D extends DescMessage>(i: number, part: string, schema: D, init: MessageInitShape<D>) {
    const payload = toBinary(schema, create(schema, init));
    this.client.publish(`telemetry/${hostName(i)}/${part}`, payload, { ttlMs: 60_000 });
    ++this.published;
  }

  cpu(i: number, busyPercent: number): void {
    const coreBusyPercent = Array.from({ length: CORES }, () => Math.random() * 100);
    const load1m = (busyPercent * CORES) / 90;
    this.#publish(i, "cpu", CpuSchema, { busyPercent, coreBusyPercent, load1m });
  }

  /** All parts of all machines, once. */
  sample(nowMs = Date.now()): void {
    for (let i = 0; i < this.machines; ++i) {
      const total = [16, 32, 64, 256][i % 4]! * GB;
      const free = total * (1 - 0.9 * wave(i + 31, nowMs, 400_000));
      const bytes = (most: number, of: number) => most * wave(i + of, nowMs, 60_000) ** 3;
      this.cpu(i, 100 * wave(i, nowMs, 90_000));
      this.#publish(i, "memory", MemorySchema, {
        totalBytes: BigInt(total),
        availableBytes: BigInt(Math.round(free)),
      });
      this.#publish(i, "disk", DiskSchema, {
        devices: [{ name: "sda", readBytesRate: bytes(8e7, 5), writeBytesRate: bytes(2e8, 9) }],
      });
      this.#publish(i, "network", NetworkSchema, {
        interfaces: [
          { name: "eth0", receiveBytesRate: bytes(9e7, 3), sendBytesRate: bytes(3e7, 7) },
        ],
      });
    }
  }

  goodbye(i: number): void {
    for (const part of ["cpu", "memory", "disk", "network"]) {
      this.client.publish(`telemetry/${hostName(i)}/${part}`, "");
    }
  }

  /** The CPU of each machine 50 times a second, until `stop`. */
  start(): void {
    this.#timer = setInterval(() => {
      const nowMs = Date.now();
      for (let i = 0; i < this.machines; ++i) this.cpu(i, 100 * wave(i, nowMs, 90_000));
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
