// A transport that a test holds both ends of.
import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import { delimited } from "../../../../clients/typescript/src/schema.js";
import { type StatusError, unavailable } from "../../../../clients/typescript/src/status.js";
import type { Transport, TransportListener } from "../../../../clients/typescript/src/transport.js";
import {
  type ClientFrame,
  ClientFrameSchema,
  type ServerFrame,
  ServerFrameSchema,
} from "../../../../proto/esockets_pb.js";

export type Said = ClientFrame["kind"];

export class FakeTransport implements Transport {
  listener!: TransportListener;
  congested = false;
  dials = 0;
  drops: boolean[] = [];
  pauses = 0;
  resumes = 0;
  canPause = true;
  #said: Said[] = [];

  dial(): void {
    ++this.dials;
  }
  drop(politely: boolean): void {
    this.drops.push(politely);
  }
  send(frames: Uint8Array): void {
    for (let at = 0; at < frames.length;) {
      let length = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = frames[at++]!;
        length += (byte & 127) * scale;
        if (byte < 128) break;
      }
      this.#said.push(fromBinary(ClientFrameSchema, frames.subarray(at, at + length)).kind);
      at += length;
    }
  }
  pauseRead(): boolean {
    ++this.pauses;
    return this.canPause;
  }
  resumeRead(): void {
    ++this.resumes;
  }

  // --- the broker's end

  /** What the client has said since the last call. */
  heard(): Said[] {
    return this.#said.splice(0);
  }

  /** The kinds of it. */
  kinds(): (string | undefined)[] {
    return this.heard().map((said) => said.case);
  }

  say(...kinds: object[]): void {
    for (const kind of kinds) {
      const [[name, value]] = Object.entries(kind) as [[string, unknown]];
      const frame = create(ServerFrameSchema, {
        kind: { case: name, value } as ServerFrame["kind"],
      });
      this.listener.onBytes(delimited(toBinary(ServerFrameSchema, frame)));
    }
  }

  /** The connection stands, and the broker has answered. */
  connect(connected: object = {}): void {
    this.listener.onUp();
    this.say({ connected: { protocolVersion: 1, clientId: "c", inbox: "$INBOX/x", ...connected } });
  }

  break(reason: StatusError = unavailable("broken")): void {
    this.listener.onDown(reason);
  }
}
