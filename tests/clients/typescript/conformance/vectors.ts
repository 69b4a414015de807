// The shared vectors, as a feature: vectors_test.ts has them in full.
import { expect } from "vitest";
import { FrameDelimiter } from "../../../../clients/typescript/src/frame_delimiter.js";
import { CLIENT_FRAME } from "../../../../clients/typescript/src/frames.js";
import { decode } from "../../../../clients/typescript/src/schema.js";
import { clientOf, startFake, Told } from "../support/harness.js";
import { loadVectors, meaning, plain } from "../support/vectors.js";

/** The connection is, as a lost one. */
async function isGivenUp(hex: string): Promise<void> {
  const told = new Told();
  clientOf(await startFake({ says: ["04 0a 02 08 01", hex] }), {}, told);
  expect(await told.wait("state:waiting"), hex).toMatchObject({ kind: "INTERNAL" });
}

export async function vectors(): Promise<void> {
  for (const { hex } of loadVectors("broken_server_frames")) await isGivenUp(hex);
  for (const vector of loadVectors("client_frames")) {
    const frames = new FrameDelimiter(1 << 20);
    frames.push(vector.bytes);
    expect(frames.next()).toBe(true);
    const read = decode(CLIENT_FRAME, frames.bytes, frames.start, frames.end);
    expect(plain(read), vector.name).toEqual(meaning(vector));
  }
}
