// A subscriber that remembers.
import type { Subscriber } from "../../../../clients/typescript/src/filter_entry.js";
import { Message } from "../../../../clients/typescript/src/message.js";
import type { StatusError } from "../../../../clients/typescript/src/status.js";
import type { StreamStart } from "../../../../clients/typescript/src/stream_start.js";

export class Collector implements Subscriber {
  readonly positions: number[] = [];
  readonly topics: string[] = [];
  readonly ends: string[] = [];

  onMessage({ position, topic }: Message): void {
    this.positions.push(position);
    this.topics.push(topic);
  }
  onEnd({ kind }: StatusError): void {
    this.ends.push(kind);
  }
}

export function messageOf(fields: Partial<Message>): Message {
  return Object.assign(new Message(), fields);
}

/** What the broker tells of a stream. */
export function behind(position: number, told: Partial<StreamStart> = {}): StreamStart {
  const start = { filter: "", name: "chat", epoch: 1, position, recovered: true } as const;
  return { ...start, overflow: "dropOldest", ...told };
}
