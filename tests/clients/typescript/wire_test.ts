import { describe, expect, test } from "vitest";
import {
  compareUtf8,
  putVarint,
  Reader,
  toBytes,
  utf8Bytes,
  varintBytes,
  WireError,
} from "../../../clients/typescript/src/wire.js";

function reader(...bytes: number[]): Reader {
  const reader = new Reader();
  reader.reset(Uint8Array.from(bytes), 0, bytes.length);
  return reader;
}

describe("wire", () => {
  const numbers = [0, 1, 127, 128, 300, 2 ** 14, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];

  test.each(numbers)("%d is read as it was written", (number) => {
    const bytes = new Uint8Array(varintBytes(number));
    expect(putVarint(number, bytes, 0)).toBe(bytes.length);
    expect(reader(...bytes).varint()).toBe(number);
  });

  test("what is cut short is refused", () => {
    expect(() => reader(0x80).varint()).toThrow(WireError);
    expect(() => reader(...Array<number>(11).fill(0x80)).varint()).toThrow(WireError);
    expect(() => reader(2, 1).view()).toThrow(WireError);
    expect(() => reader(1, 0xff).text()).toThrow(WireError);
    for (const type of [0, 1, 2, 5]) expect(() => reader().skip(type)).toThrow(WireError);
    expect(() => reader(1).skip(3)).toThrow(WireError);
  });

  test("fields are read over", () => {
    for (const [type, ...bytes] of [
      [0, 0x80, 1],
      [1, 1, 2, 3, 4, 5, 6, 7, 8],
      [2, 1, 9],
      [5, 1, 2, 3, 4],
    ]) {
      const at = reader(...bytes);
      at.skip(type!);
      expect(at.at).toBe(bytes.length);
    }
  });

  test.each(["", "a", "ß", "日本", "🌍", "a🌍b"])("bytes of %j", (text) => {
    expect(utf8Bytes(text)).toBe(toBytes(text).length);
  });

  test("text is ordered by its bytes", () => {
    const sorted = ["", "a", "aa", "b", "\uff00", "🌍"];
    expect([...sorted].reverse().sort(compareUtf8)).toEqual(sorted);
  });
});
