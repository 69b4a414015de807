import { describe, expect, test } from "vitest";
import { FrameInput } from "../../../clients/typescript/src/frame_input.js";

class Reader {
  reads = true;
  readonly bodies: number[] = [];
  readonly input: FrameInput = new FrameInput(
    () => this.reads,
    (bytes, start) => this.onFrame(bytes[start]!),
  );
  onFrame(body: number): void {
    this.bodies.push(body);
  }
}

describe("frame input", () => {
  test("stops between two frames, and goes on", () => {
    const reader = new Reader();
    reader.onFrame = (body) => {
      reader.bodies.push(body);
      if (body === 2) reader.reads = false;
    };
    reader.input.push(Uint8Array.of(1, 1, 1, 2, 1, 3));
    reader.input.push(Uint8Array.of(1, 4, 1));
    reader.input.push(Uint8Array.of(5));
    expect(reader.bodies).toEqual([1, 2]);
    expect(reader.input.heldBytes).toBe(4);
    reader.reads = true;
    reader.input.read();
    expect(reader.bodies).toEqual([1, 2, 3, 4, 5]);
    expect(reader.input.heldBytes).toBe(0);
    expect(reader.input.pieces).toBe(3);
  });

  test("within a frame no other is read", () => {
    const reader = new Reader();
    reader.onFrame = (body) => {
      reader.input.read();
      reader.bodies.push(body);
    };
    reader.input.push(Uint8Array.of(1, 1, 1, 2));
    expect(reader.bodies).toEqual([1, 2]);
  });

  test("another connection begins with nothing", () => {
    const reader = new Reader();
    reader.reads = false;
    reader.input.push(Uint8Array.of(1, 1));
    reader.input.reset();
    reader.reads = true;
    reader.input.push(Uint8Array.of(1, 2));
    expect(reader.bodies).toEqual([2]);
  });
});
