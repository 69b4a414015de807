// Protobuf's wire format, as far as the hot path needs it: numbers, tags and text in place. What is
// rare goes through @bufbuild/protobuf, see schema.ts.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** What came is not the protocol. */
export class WireError extends Error {}

/** Bytes of a number, which is not negative, as varint. */
export function varintBytes(value: number): number {
  let bytes = 1;
  while (value >= 0x80) {
    value = Math.floor(value / 0x80);
    ++bytes;
  }
  return bytes;
}

/** Returns the place behind it. */
export function putVarint(value: number, out: Uint8Array, at: number): number {
  while (value > 0x7fffffff) {
    out[at++] = (value % 0x80) | 0x80;
    value = Math.floor(value / 0x80);
  }
  while (value > 0x7f) {
    out[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  out[at++] = value;
  return at;
}

export function encodeText(text: string): Uint8Array {
  return text === "" ? NO_BYTES : encoder.encode(text);
}

/** What may be given as text or as bytes. */
export function toBytes(data: string | Uint8Array | undefined): Uint8Array {
  if (data === undefined) return NO_BYTES;
  return typeof data === "string" ? encodeText(data) : data;
}

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Bytes of the text in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i);
    // Each half of a pair counts two.
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** In the order of their bytes in UTF-8, which is not that of the language for what is above U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const x = encodeText(a);
  const y = encodeText(b);
  for (let i = 0; i < x.length && i < y.length; ++i) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return x.length - y.length;
}

/** Reads one message's fields from a part of some bytes. */
export class Reader {
  bytes: Uint8Array = NO_BYTES;
  at = 0;
  end = 0;

  reset(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Up to 2^53; more loses its last digits. Throws WireError. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; ++i) {
      if (this.at >= this.end) break;
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new WireError("a number is cut short");
  }

  /** The end of the length-delimited field that begins here. Throws WireError. */
  lengthEnd(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.end) throw new WireError("a field is cut short");
    return end;
  }

  /** Bytes within those that were received. */
  view(): Uint8Array {
    const end = this.lengthEnd();
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  text(): string {
    const view = this.view();
    try {
      return decodeText(view);
    } catch {
      throw new WireError("text is not UTF-8");
    }
  }

  /** Over the value of a field of this type. */
  skip(type: number): void {
    if (type === 0) this.varint();
    else if (type === 1) this.at += 8;
    else if (type === 2) this.at = this.lengthEnd();
    else if (type === 5) this.at += 4;
    else throw new WireError("a field of an unknown type");
    if (this.at > this.end) throw new WireError("a field is cut short");
  }
}
