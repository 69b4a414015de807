import { describe, expect, test } from "vitest";
import { FrameDelimiter } from "../../../clients/typescript/src/frame_delimiter.js";
import { WireError } from "../../../clients/typescript/src/wire.js";

const BYTES_MAX = 1000;

function bodies(frames: FrameDelimiter): number[][] {
  const found: number[][] = [];
  while (frames.next()) found.push([...frames.bytes.subarray(frames.start, frames.end)]);
  return found;
}

describe("frame delimiter", () => {
  test("frames in pieces of every size", () => {
    const body = [...Array(300).keys()].map((i) => i % 256);
    const stream = Uint8Array.from([1, 7, 0xac, 0x02, ...body, 2, 8, 9]);
    for (let size = 1; size <= stream.length; ++size) {
      const frames = new FrameDelimiter(BYTES_MAX);
      const found: number[][] = [];
      for (let at = 0; at < stream.length; at += size) {
        frames.push(stream.slice(at, at + size));
        found.push(...bodies(frames));
      }
      expect(found, `pieces of ${size}`).toEqual([[7], body, [8, 9]]);
      expect(frames.unreadBytes).toBe(0);
    }
  });

  test.each([[[0]], [[0x80, 0]], [[0xe9, 0x07]], [[0x80, 0x80, 0x80, 0x80, 0x80]]])(
    "%j is no length",
    (bytes) => {
      const frames = new FrameDelimiter(BYTES_MAX);
      frames.push(Uint8Array.from(bytes));
      expect(() => frames.next()).toThrow(WireError);
    },
  );

  test("a long frame in many pieces is put together once", () => {
    const frames = new FrameDelimiter(1 << 24);
    const length = 4_000_000;
    frames.push(Uint8Array.of(0x80, 0x92, 0xf4, 0x01));
    const piece = new Uint8Array(1000).fill(7);
    for (let at = 0; at < length; at += piece.length) {
      expect(frames.next()).toBe(false);
      expect(frames.unreadBytes).toBe(at + 4);
      frames.push(piece);
    }
    frames.push(Uint8Array.of(1, 9));
    expect(frames.next()).toBe(true);
    expect(frames.end - frames.start).toBe(length);
    expect(frames.bytes.subarray(frames.start, frames.end).every((byte) => byte === 7)).toBe(true);
    expect(bodies(frames)).toEqual([[9]]);
  });

  test("another connection begins with nothing", () => {
    const frames = new FrameDelimiter(BYTES_MAX);
    frames.push(Uint8Array.of(5, 1));
    expect(frames.next()).toBe(false);
    expect(frames.unreadBytes).toBe(2);
    frames.push(Uint8Array.of(1));
    frames.reset();
    frames.push(Uint8Array.of(1, 9));
    expect(bodies(frames)).toEqual([[9]]);
  });
});
