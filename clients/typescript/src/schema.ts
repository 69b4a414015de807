// Reads and writes protobuf messages by a table of their fields: what is rare, and must be small. The
// tables are in server_frames.ts, frames.ts and presence_frames.ts; a test holds them against what
// protoc-gen-es generates from the .proto files.
import { StatusError } from "./status.js";
import { NO_BYTES, putVarint, Reader, toBytes, varintBytes } from "./wire.js";

type Kind = "uint" | "flag" | "text" | "bytes" | "map" | "one" | "list";

export interface Field<T> {
  readonly no: number;
  readonly kind: Kind;
  /** Of "one" and "list". */
  readonly schema?: Schema<object>;
  /** What a field that is not there stands for. */
  readonly absent: () => T;
}

/** The fields of a message by their names. */
export type Schema<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

export type MessageOf<S> = S extends Schema<infer T> ? T : never;

/** Numbers of all widths, and enums. Above 2^53 their last digits are lost. */
export const uint = (no: number): Field<number> => ({ no, kind: "uint", absent: () => 0 });
export const flag = (no: number): Field<boolean> => ({ no, kind: "flag", absent: () => false });
export const text = (no: number): Field<string> => ({ no, kind: "text", absent: () => "" });
export const bytes = (no: number): Field<Uint8Array> => ({
  no,
  kind: "bytes",
  absent: () => NO_BYTES,
});
/** From text to text. */
export const map = (no: number): Field<Record<string, string>> => ({
  no,
  kind: "map",
  absent: () => ({}),
});
export const one = <T extends object>(no: number, schema: Schema<T>): Field<T | undefined> => ({
  no,
  kind: "one",
  schema: schema as unknown as Schema<object>,
  absent: () => undefined,
});
export const list = <T extends object>(no: number, schema: Schema<T>): Field<T[]> => ({
  no,
  kind: "list",
  schema: schema as unknown as Schema<object>,
  absent: () => [],
});

type AnyMessage = Record<string, unknown>;
type AnySchema = Record<string, Field<unknown>>;

const ENTRY = { key: text(1), value: text(2) };

const isNumber = (kind: Kind) => kind === "uint" || kind === "flag";

// --- reading ------------------------------------------------------------------------------------

/** Reads over what it does not know. Throws WireError. */
export function decode<T extends object>(
  schema: Schema<T>,
  data: Uint8Array,
  at = 0,
  end = data.length,
): T {
  const fields = Object.entries(schema as unknown as AnySchema);
  const message: AnyMessage = {};
  for (const [name, field] of fields) message[name] = field.absent();
  const reader = new Reader();
  reader.reset(data, at, end);
  while (reader.at < end) {
    const tag = reader.varint();
    const found = fields.find(([, field]) => field.no === Math.floor(tag / 8));
    if (found && tag % 8 === (isNumber(found[1].kind) ? 0 : 2)) read(reader, message, ...found);
    else reader.skip(tag % 8);
  }
  return message as T;
}

function read(reader: Reader, message: AnyMessage, name: string, field: Field<unknown>): void {
  if (field.kind === "uint") message[name] = reader.varint();
  else if (field.kind === "flag") message[name] = reader.varint() !== 0;
  else if (field.kind === "text") message[name] = reader.text();
  else if (field.kind === "bytes") message[name] = reader.view();
  else readMessage(reader, message, name, field);
}

function readMessage(reader: Reader, message: AnyMessage, name: string, field: Field<unknown>) {
  const end = reader.lengthEnd();
  if (field.kind === "map") {
    const entry = decode<{ key: string; value: string }>(ENTRY, reader.bytes, reader.at, end);
    (message[name] as Record<string, string>)[entry.key] = entry.value;
  } else {
    const value = decode(field.schema!, reader.bytes, reader.at, end);
    if (field.kind === "one") message[name] = value;
    else (message[name] as object[]).push(value);
  }
  reader.at = end;
}

// --- writing ------------------------------------------------------------------------------------

/** Without those fields that say what their absence says. Throws INVALID_ARGUMENT. */
export function encode<T extends object>(schema: Schema<T>, message: Partial<T>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, field] of Object.entries(schema as unknown as AnySchema)) {
    const value = (message as AnyMessage)[name];
    if (value !== undefined) write(field, value, parts);
  }
  return joined(parts);
}

function write(field: Field<unknown>, value: unknown, parts: Uint8Array[]): void {
  if (isNumber(field.kind)) {
    if (value !== 0 && value !== false) parts.push(varint(field.no * 8), varint(Number(value)));
  } else if (field.kind === "text" || field.kind === "bytes") {
    const data = toBytes(value as string | Uint8Array);
    if (data.length > 0) writeBytes(field.no, data, parts);
  } else if (field.kind === "map") {
    for (const [key, text] of Object.entries(value as Record<string, string>)) {
      writeBytes(field.no, encode(ENTRY, { key, value: text }), parts);
    }
  } else {
    const messages = field.kind === "one" ? [value] : (value as unknown[]);
    for (const each of messages) writeBytes(field.no, encode(field.schema!, each as object), parts);
  }
}

function writeBytes(no: number, data: Uint8Array, parts: Uint8Array[]): void {
  parts.push(varint(no * 8 + 2), varint(data.length), data);
}

function varint(value: number): Uint8Array {
  if (!(value >= 0) || !Number.isFinite(value)) {
    throw new StatusError("INVALID_ARGUMENT", `${value}: options are numbers from 0 on`);
  }
  const out = new Uint8Array(varintBytes(Math.floor(value)));
  putVarint(Math.floor(value), out, 0);
  return out;
}

/** Of one part: that one itself. */
export function joined(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** With the length before it: as it goes over the wire. */
export function delimited(body: Uint8Array): Uint8Array {
  return joined([varint(body.length), body]);
}
