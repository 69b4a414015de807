// The shared vectors, as a feature: vectors_test.ts has them in full.
import { expect } from "vitest";
import { FrameDelimiter } from "../../../../clients/typescript/src/frame_delimiter.js";
import { CLIENT_FRAME } from "../../../../clients/typescript/src/frames.js";
import { decode } from "../../../../clients/typescript/src/schema.js";
import { loadVectors, meaning, plain } from "../support/vectors.js";

export async function vectors(): Promise<void> {
  for (const vector of loadVectors("client_frames")) {
    const frames = new FrameDelimiter(1 << 20);
    frames.push(vector.bytes);
    expect(frames.next()).toBe(true);
    const read = decode(CLIENT_FRAME, frames.bytes, frames.start, frames.end);
    expect(plain(read), vector.name).toEqual(meaning(vector));
  }
}
