import { describe, expect, test } from "vitest";
import {
  BUFFERED_IDS_AFTER,
  OutgoingBuffer,
} from "../../../clients/typescript/src/outgoing_buffer.js";
import { isClosed } from "../../../clients/typescript/src/status.js";

const bytes = (...values: number[]) => Uint8Array.from(values);
const full = expect.objectContaining({ kind: "RESOURCE_EXHAUSTED" });

function bufferOf(bytesMax: number, whenFull: "block" | "dropNewest" | "error") {
  let wakes = 0;
  const buffer = new OutgoingBuffer(bytesMax, whenFull, () => ++wakes);
  return { buffer, wakes: () => wakes };
}

describe("outgoing buffer", () => {
  test("whole frames in their order, in pieces", () => {
    const { buffer, wakes } = bufferOf(100, "error");
    for (let i = 1; i <= 5; ++i) buffer.add(bytes(i, i));
    expect(wakes()).toBe(1);
    expect(buffer.bytes).toBe(10);
    expect(buffer.take(3)).toEqual(bytes(1, 1, 2, 2));
    expect(buffer.take(1)).toEqual(bytes(3, 3));
    expect(buffer.consumedTotal).toBe(6);
    expect(buffer.take(100)).toEqual(bytes(4, 4, 5, 5));
    expect(buffer.take(100)).toBeUndefined();
    buffer.add(bytes(6));
    expect(wakes()).toBe(2);
  });

  test("a buffer that is never empty keeps its order", () => {
    const { buffer } = bufferOf(1000, "error");
    buffer.add(bytes(0));
    for (let i = 1; i < 1000; ++i) {
      buffer.add(bytes(i % 256));
      expect(buffer.take(1)).toEqual(bytes((i - 1) % 256));
    }
    expect(buffer.bytes).toBe(1);
  });

  test("ids rise above those that are never buffered", () => {
    const { buffer } = bufferOf(100, "error");
    const first = buffer.addRequest(1, (id) => bytes(id % 256));
    const second = buffer.addControl((id) => bytes(id % 256, 0));
    expect(first).toEqual({ id: BUFFERED_IDS_AFTER + 1, endOffset: 1 });
    expect(second).toEqual({ id: BUFFERED_IDS_AFTER + 2, endOffset: 3 });
  });

  test("when it is full: an error", () => {
    const { buffer } = bufferOf(3, "error");
    buffer.add(bytes(1, 2));
    expect(() => buffer.add(bytes(3, 4))).toThrow(full);
    expect(() => buffer.addRequest(2, () => bytes(3, 4))).toThrow(full);
    buffer.addControl(() => bytes(5, 6)); // beyond the limit
    expect(buffer.take(100)).toEqual(bytes(1, 2, 5, 6));
  });

  test("when it is full: the newest is dropped, but for requests", () => {
    const { buffer } = bufferOf(3, "dropNewest");
    buffer.add(bytes(1, 2));
    buffer.add(bytes(3, 4));
    expect(buffer.droppedMessagesTotal).toBe(1);
    expect(() => buffer.addRequest(2, () => bytes(3, 4))).toThrow(full);
    expect(buffer.take(100)).toEqual(bytes(1, 2));
  });

  test("what is larger than the buffer goes through an empty one", () => {
    const { buffer } = bufferOf(1, "error");
    buffer.add(bytes(1, 2, 3));
    expect(buffer.take(1)).toEqual(bytes(1, 2, 3));
  });

  test("who waits for room gets it in turn", async () => {
    const { buffer } = bufferOf(4, "block");
    await buffer.waitForRoom(4);
    buffer.add(bytes(1, 2, 3));
    const order: string[] = [];
    const waits = ["a", "b", "c"].map((name) => buffer.waitForRoom(3).then(() => order.push(name)));
    expect(() => buffer.add(bytes(4))).toThrow(full); // nobody overtakes those who wait
    buffer.take(100);
    await waits[0];
    expect(order).toEqual(["a"]);
    buffer.addControl(() => bytes(1, 2, 3));
    buffer.take(100);
    await waits[1];
    expect(order).toEqual(["a", "b"]);
    buffer.close(isClosed());
    await expect(waits[2]).rejects.toMatchObject({ kind: "FAILED_PRECONDITION" });
  });

  test("closed: what is in goes out, nothing comes in", () => {
    const { buffer } = bufferOf(100, "dropNewest");
    buffer.add(bytes(1));
    buffer.close(isClosed());
    expect(() => buffer.add(bytes(2))).toThrow("closed");
    expect(() => buffer.addControl(() => bytes(2))).toThrow("closed");
    expect(buffer.take(100)).toEqual(bytes(1));
    expect(buffer.droppedMessagesTotal).toBe(0);
  });
});
