// The shared vectors: this library writes and reads what they say.
import { describe, expect, test } from "vitest";
import { FrameDelimiter } from "../../../clients/typescript/src/frame_delimiter.js";
import { CLIENT_FRAME } from "../../../clients/typescript/src/frames.js";
import { decodeMessage } from "../../../clients/typescript/src/message_frame.js";
import { decode, delimited, encode } from "../../../clients/typescript/src/schema.js";
import { decodeServerFrame } from "../../../clients/typescript/src/server_frames.js";
import { checkFilter, checkTopic, filterMatches } from "../../../clients/typescript/src/topic.js";
import { loadVectors, meaning, plain, type Vector } from "./support/vectors.js";

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/..(?!$)/g, "$& ");
}

/** The body of the one frame, pushed in pieces of this size. */
function cut(
  vector: Vector,
  pieceBytes: number,
): { bytes: Uint8Array; start: number; end: number } {
  const frames = new FrameDelimiter(1 << 20);
  for (let at = 0; at < vector.bytes.length; at += pieceBytes) {
    if (at > 0) expect(frames.next(), `${vector.name} ${at}`).toBe(false);
    frames.push(vector.bytes.slice(at, at + pieceBytes));
  }
  expect(frames.next(), vector.name).toBe(true);
  return frames;
}

/** Its numbers are no numbers of this language. */
const ABOVE_2_53 = ["subscribe_large_numbers", "subscribe_resume"];

const NO_LENGTHS = ["BAD_LENGTH", "FRAME_TOO_LARGE"];

describe("vectors", () => {
  test("client frames are written", () => {
    for (const vector of loadVectors("client_frames")) {
      if (vector.decode_only || ABOVE_2_53.includes(vector.name)) continue;
      const written = delimited(encode(CLIENT_FRAME, meaning(vector) as never));
      expect(hexOf(written), vector.name).toBe(vector.hex);
    }
  });

  test("client frames are read back", () => {
    for (const vector of loadVectors("client_frames")) {
      const { bytes, start, end } = cut(vector, 1 << 20);
      expect(plain(decode(CLIENT_FRAME, bytes, start, end)), vector.name).toEqual(meaning(vector));
    }
  });

  test.each([1 << 20, 1, 3])("server frames are read, in pieces of %d bytes", (pieceBytes) => {
    for (const vector of loadVectors("server_frames")) {
      const { bytes, start, end } = cut(vector, pieceBytes);
      const message = decodeMessage(bytes, start, end);
      const read = message ? { message: asProto(message) } : decodeServerFrame(bytes, start, end);
      expect(plain(read), vector.name).toEqual(meaning(vector));
    }
  });

  test("topics", () => {
    for (const { topic, filter, valid, matches } of loadVectors("topics")) {
      if (matches !== undefined)
        expect(filterMatches(filter!, topic!), `${filter} ${topic}`).toBe(matches);
      else if (topic !== undefined) expect(checkTopic(topic) === "", topic).toBe(valid);
      else expect(checkFilter(filter!) === "", filter).toBe(valid);
    }
  });

  test("lengths that are none are refused", () => {
    const vectors = loadVectors("refused_frames").filter(({ error }) =>
      NO_LENGTHS.includes(error!),
    );
    expect(vectors.length).toBeGreaterThan(5);
    for (const vector of vectors) {
      const frames = new FrameDelimiter(1 << 20);
      frames.push(vector.bytes);
      expect(() => frames.next(), vector.name).toThrow();
    }
  });
});

function asProto(message: object) {
  const headers = (message as { headers: [string, string][] }).headers;
  return { ...message, headers: headers.map(([name, value]) => ({ name, value })) };
}
