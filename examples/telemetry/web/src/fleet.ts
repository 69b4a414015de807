// What the page knows of all machines: the newest figures of each, and those of the last minutes.
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Message } from "@esockets/client";
import { CpuSchema, DiskSchema, MemorySchema, NetworkSchema } from "../../telemetry_pb.js";

export const HISTORY_SECONDS = 300;
export const SILENT_AFTER_MS = 5000;

/** Of one second; NaN: not known. Rates are bytes per second. */
export interface Figures {
  cpuPercent: number;
  load: number;
  memoryPercent: number;
  memoryBytes: number;
  memoryTotalBytes: number;
  readRate: number;
  writeRate: number;
  receiveRate: number;
  sendRate: number;
}

type Part = (payload: Uint8Array, figures: Figures) => void;

function part<D extends DescMessage>(
  schema: D,
  apply: (message: MessageShape<D>, figures: Figures) => void,
): Part {
  return (payload, figures) => apply(fromBinary(schema, payload), figures);
}

const sum = <T>(all: T[], one: (item: T) => number) => all.reduce((n, item) => n + one(item), 0);

const PARTS: Record<string, Part> = {
  cpu: part(CpuSchema, (cpu, figures) => {
    figures.cpuPercent = cpu.busyPercent;
    figures.load = cpu.load1m;
  }),
  memory: part(MemorySchema, (memory, figures) => {
    figures.memoryTotalBytes = Number(memory.totalBytes);
    figures.memoryBytes = Number(memory.totalBytes - memory.availableBytes);
    figures.memoryPercent = (100 * figures.memoryBytes) / figures.memoryTotalBytes;
  }),
  disk: part(DiskSchema, ({ devices }, figures) => {
    figures.readRate = sum(devices, (device) => device.readBytesRate);
    figures.writeRate = sum(devices, (device) => device.writeBytesRate);
  }),
  network: part(NetworkSchema, ({ interfaces }, figures) => {
    figures.receiveRate = sum(interfaces, (one) => one.receiveBytesRate);
    figures.sendRate = sum(interfaces, (one) => one.sendBytesRate);
  }),
};

export class Machine {
  seenMs = 0;
  readonly figures: Figures = {
    cpuPercent: NaN,
    load: NaN,
    memoryPercent: NaN,
    memoryBytes: NaN,
    memoryTotalBytes: NaN,
    readRate: NaN,
    writeRate: NaN,
    receiveRate: NaN,
    sendRate: NaN,
  };
  /** By the second since 1970, oldest first. */
  readonly history = new Map<number, Figures>();
  /** Came since the last look. A newer one takes the place of one that nobody has looked at. */
  readonly #unread = new Map<string, Uint8Array>();

  constructor(readonly name: string) {}

  isSilent(nowMs: number): boolean {
    return nowMs - this.seenMs > SILENT_AFTER_MS;
  }

  add(kind: string, payload: Uint8Array, seenMs: number): void {
    this.seenMs = Math.max(this.seenMs, seenMs);
    this.#unread.set(kind, payload);
  }

  /** Only what somebody looks at is decoded. */
  look(): Figures {
    if (this.#unread.size === 0) return this.figures;
    for (const [kind, payload] of this.#unread) {
      try {
        PARTS[kind]?.(payload, this.figures);
      } catch {
        // Not ours: whoever may publish here may publish anything.
      }
    }
    this.#unread.clear();
    const second = Math.floor(this.seenMs / 1000);
    this.history.set(second, { ...this.figures });
    for (const old of this.history.keys()) {
      if (old > second - HISTORY_SECONDS) break;
      this.history.delete(old);
    }
    return this.figures;
  }
}

export class Fleet {
  readonly machines = new Map<string, Machine>();

  /** `telemetry/HOST/PART`; without a payload: the machine says goodbye. */
  apply(message: Message, seenMs: number): void {
    const [, name, kind] = message.topic.split("/") as [string, string, string];
    if (message.payload.length === 0) {
      this.machines.delete(name);
      return;
    }
    if (!Object.hasOwn(PARTS, kind)) return;
    let machine = this.machines.get(name);
    if (!machine) this.machines.set(name, (machine = new Machine(name)));
    machine.add(kind, message.payload, seenMs);
  }

  silentCount(nowMs: number): number {
    return sum([...this.machines.values()], (machine) => Number(machine.isSilent(nowMs)));
  }
}
