import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import * as frames from "../../../clients/typescript/src/frames.js";
import { CLIENT_DEFAULTS, type FullOptions } from "../../../clients/typescript/src/options.js";
import { Start } from "../../../clients/typescript/src/start.js";
import { ClientFrameSchema } from "../../../proto/esockets_pb.js";
import { plain } from "./support/vectors.js";

/** What the generated code reads behind the length. */
function read(frame: Uint8Array): unknown {
  let at = 0;
  while (frame[at++]! >= 0x80);
  return plain(fromBinary(ClientFrameSchema, frame.subarray(at)));
}

const ascii = (text: string) => [...new TextEncoder().encode(text)];

describe("frames", () => {
  test.each([
    ["t", "", 0],
    ["t", "x", 0],
    ["room/日本", "x".repeat(200), 300],
    ["t", Uint8Array.of(0, 255), 2 ** 40],
  ])("a plain publish to %j is as by the table", (topic, payload, id) => {
    const plainly = frames.publishFrame(topic, payload, frames.NO_OPTIONS, { id });
    expect(plainly).toEqual(frames.publishFrame(topic, payload, {}, { id }));
    expect(read(plainly)).toMatchObject({ publish: { topic } });
  });

  test("publish with everything", () => {
    const options = { replyTo: "r", key: "k", ttlMs: 5, messageId: "m", headers: [["n", "v"]] };
    const frame = frames.publishFrame("t", "x", options as never, { id: 3, confirmMs: 4 });
    expect(read(frame)).toEqual({
      publish: {
        topic: "t",
        payload: ascii("x"),
        headers: [{ name: "n", value: "v" }],
        replyTo: "r",
        key: ascii("k"),
        ttlMs: 5,
        id: 3,
        confirmMs: 4,
        messageId: ascii("m"),
      },
    });
  });

  test("connect", () => {
    const will = { topic: "w", payload: "lost", options: { ttlMs: 9 }, delayMs: 0.5 };
    const given = { clientId: "c", name: "n", metadata: { os: "linux" }, will, keepAliveMs: 1.5 };
    const options = { ...CLIENT_DEFAULTS, ...given } as FullOptions;
    expect(read(frames.connectFrame(options, "token", Uint8Array.from(ascii("ticket"))))).toEqual({
      connect: {
        protocolVersion: 1,
        clientId: "c",
        token: "token",
        name: "n",
        metadata: { os: "linux" },
        keepAliveMs: 2,
        resume: ascii("ticket"),
        will: { message: { topic: "w", payload: ascii("lost"), ttlMs: 9 }, delayMs: 1 },
      },
    });
    const least = frames.connectFrame({ ...CLIENT_DEFAULTS } as FullOptions, "");
    expect(read(least)).toEqual({ connect: { protocolVersion: 1 } });
  });

  test("subscribe", () => {
    expect(read(frames.subscribeFrame("a/+", {}, 7))).toEqual({
      subscribe: { id: 7, filter: "a/+" },
    });
    const options = {
      overflow: "replay",
      start: Start.afterPosition(5, 2 ** 50),
      maxBacklogMessages: 1,
      maxBacklogBytes: 2,
      maxBacklogAgeMs: 3,
      lastValues: false,
      group: "g",
      groupStrategy: "first",
    } as const;
    expect(read(frames.subscribeFrame("a", options, 1))).toEqual({
      subscribe: {
        id: 1,
        filter: "a",
        overflow: 5,
        start: 1,
        startAt: 5,
        startEpoch: 2 ** 50,
        maxBacklogMessages: 1,
        maxBacklogBytes: 2,
        maxBacklogAgeMs: 3,
        skipLastValues: true,
        group: "g",
        groupStrategy: 3,
      },
    });
  });

  test("the small ones", () => {
    const unsubscribe = frames.unsubscribeFrame({ filter: "f", group: "g" }, 2);
    expect(read(unsubscribe)).toEqual({ unsubscribe: { id: 2, filter: "f", group: "g" } });
    expect(read(frames.pingFrame(5))).toEqual({ ping: { id: 5 } });
    expect([...frames.pingFrame(0)]).toEqual([2, 0x2a, 0]);
    expect(read(frames.disconnectFrame("bye"))).toEqual({ disconnect: { reason: "bye" } });
  });
});
