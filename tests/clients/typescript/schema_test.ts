import { describe, expect, test } from "vitest";
import {
  bytes,
  decode,
  delimited,
  encode,
  flag,
  list,
  map,
  one,
  text,
  uint,
} from "../../../clients/typescript/src/schema.js";
import { WireError } from "../../../clients/typescript/src/wire.js";

const INNER = { number: uint(1) };
const TABLE = {
  number: uint(1),
  yes: flag(2),
  word: text(3),
  data: bytes(4),
  words: map(5),
  inner: one(6, INNER),
  inners: list(16, INNER),
};

const ABSENT = {
  number: 0,
  yes: false,
  word: "",
  data: new Uint8Array(0),
  words: {},
  inner: undefined,
  inners: [],
};

describe("schema", () => {
  test("everything comes back", () => {
    const message = {
      number: 2 ** 40,
      yes: true,
      word: "ß",
      data: Uint8Array.of(1, 2),
      words: { a: "1", "": "2" },
      inner: { number: 0 },
      inners: [{ number: 1 }, { number: 2 }],
    };
    expect(decode(TABLE, encode(TABLE, message))).toEqual(message);
  });

  test("what is absent has its default, and is not written", () => {
    expect(decode(TABLE, new Uint8Array(0))).toEqual(ABSENT);
    expect(encode(TABLE, ABSENT)).toHaveLength(0);
  });

  test("what is not known is read over", () => {
    // Field 7 of each type, and field 1 as text.
    const unknown = [
      0x38, 5, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x3a, 1, 0, 0x3d, 1, 2, 3, 4, 0x0a, 1, 0,
    ];
    expect(decode(TABLE, Uint8Array.from([...unknown, 0x08, 9]))).toEqual({ ...ABSENT, number: 9 });
  });

  test.each([[[0x08]], [[0x1a, 2, 0x61]], [[0x32, 1, 0x08]], [[0x1a, 1, 0xff]], [[0x0b]]])(
    "%j is refused",
    (wrong) => expect(() => decode(TABLE, Uint8Array.from(wrong))).toThrow(WireError),
  );

  test("numbers that are none are refused", () => {
    for (const number of [-1, NaN, Infinity]) {
      expect(() => encode(TABLE, { number })).toThrow("numbers from 0 on");
    }
  });

  test("the length stands before", () => {
    expect([...delimited(Uint8Array.of(8, 9))]).toEqual([2, 8, 9]);
  });
});
