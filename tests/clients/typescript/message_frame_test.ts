import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { decodeMessage } from "../../../clients/typescript/src/message_frame.js";
import { WireError } from "../../../clients/typescript/src/wire.js";
import { MessageSchema, ServerFrameSchema } from "../../../proto/esockets_pb.js";

type Fields = Partial<Parameters<typeof create<typeof MessageSchema>>[1]>;

/** By the generated code. */
function frameOf(fields: Fields): Uint8Array {
  const value = create(MessageSchema, fields as never);
  return toBinary(
    ServerFrameSchema,
    create(ServerFrameSchema, { kind: { case: "message", value } }),
  );
}

function read(frame: Uint8Array) {
  return decodeMessage(frame, 0, frame.length);
}

describe("message frame", () => {
  test("every field", () => {
    const message = read(
      frameOf({
        topic: "a/ß",
        payload: Uint8Array.of(1, 2),
        headers: [
          { name: "n", value: "1" },
          { name: "n", value: "" },
        ],
        replyTo: "r",
        key: Uint8Array.of(9),
        ttlMs: 300,
        group: "g",
        timeUs: 1795792405119317n,
        publisher: 7n,
        position: 2n ** 40n,
      } as never),
    );
    expect(message).toMatchObject({
      topic: "a/ß",
      payload: Uint8Array.of(1, 2),
      headers: [
        ["n", "1"],
        ["n", ""],
      ],
      replyTo: "r",
      key: Uint8Array.of(9),
      ttlMs: 300,
      group: "g",
      timeUs: 1795792405119317,
      publisher: 7,
      position: 2 ** 40,
    });
  });

  test("what is absent has its default, in one message after another", () => {
    read(frameOf({ topic: "t", headers: [{ name: "n", value: "1" }] } as never));
    expect(read(frameOf({}))).toMatchObject({ topic: "", headers: [], replyTo: "", position: 0 });
  });

  test("topics come as they are, however many there are", () => {
    const topics = [...Array(2000).keys()].map((i) => `room/${i}/${"é".repeat(i % 3)}`);
    for (const topic of [...topics, ...topics, "x".repeat(500)]) {
      expect(read(frameOf({ topic } as never))!.topic).toBe(topic);
    }
  });

  test("bytes that are no UTF-8 are no topic, whatever came before", () => {
    // Among so many some are remembered in the place of what they are not.
    for (let i = 0x80; i < 0x100; ++i) {
      for (let j = 0x80; j < 0xc0; ++j) {
        const topic = String.fromCharCode(i, 0xff, j);
        expect(read(frameOf({ topic } as never))!.topic).toBe(topic);
        expect(() => read(Uint8Array.of(0x12, 5, 0x0a, 3, i, 0xff, j))).toThrow(WireError);
      }
    }
  });

  test("fields of a newer broker are read over", () => {
    const frame = Uint8Array.of(0x12, 8, 0x0a, 1, 0x61, 0xf8, 0x07, 5, 0x30, 4);
    expect(read(frame)).toMatchObject({ topic: "a", ttlMs: 4 });
  });

  test("other kinds are none", () => {
    expect(read(Uint8Array.of(0x1a, 0))).toBeUndefined();
    expect(read(new Uint8Array(0))).toBeUndefined();
  });

  test.each([
    [[0x12]],
    [[0x12, 5, 0x0a, 1, 0x61]],
    [[0x12, 2, 0x0a, 1, 0x61]],
    [[0x12, 3, 0x1a, 1, 0x0a]],
    [[0x12, 5, 0x1a, 2, 0x0a, 3, 0x61]],
  ])("%j is refused", (bytes) => expect(() => read(Uint8Array.from(bytes))).toThrow(WireError));
});
