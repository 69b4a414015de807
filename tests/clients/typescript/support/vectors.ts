// The shared vectors, by the code that protoc-gen-es generates.
import { readFileSync } from "node:fs";
import { type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ClientFrameSchema, ServerFrameSchema } from "../../../../proto/esockets_pb.js";

export interface Vector {
  name: string;
  hex: string;
  bytes: Uint8Array;
  decode_only?: boolean;
  client?: JsonValue;
  server?: JsonValue;
  error?: string;
  close?: string;
  topic?: string;
  filter?: string;
  valid?: boolean;
  matches?: boolean;
}

export function loadVectors(name: string): Vector[] {
  const lines = readFileSync(`tests/conformance/vectors/${name}.jsonl`, "utf8").trim().split("\n");
  return lines.map((line) => {
    const vector = JSON.parse(line) as Vector;
    const digits = (vector.hex ?? "").replaceAll(" ", "");
    return { ...vector, bytes: Uint8Array.from(Buffer.from(digits, "hex")) };
  });
}

/** What the vector means, in this library's words: {publish: {topic: ...}}, without what is absent. */
export function meaning(vector: Vector): Record<string, unknown> {
  const schema: DescMessage = vector.client ? ClientFrameSchema : ServerFrameSchema;
  return plain(fromJson(schema, (vector.client ?? vector.server)!)) as Record<string, unknown>;
}

/** Generated messages, and those of the tables, as plain objects without what says nothing. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (name === "$typeName" || name === "$unknown") continue;
    if (name === "kind") Object.assign(result, plain({ [field.case]: field.value }));
    else if (says(field)) result[name] = plain(field);
  }
  return result;
}

function says(value: unknown): boolean {
  if (value === undefined || value === "" || value === false) return false;
  if (value === 0 || value === 0n) return false;
  if (typeof value !== "object" || value === null) return true;
  if (ArrayBuffer.isView(value)) return value.byteLength > 0;
  if (Array.isArray(value)) return value.length > 0;
  return !isEmptyMap(value);
}

// A message that is there is told even when nothing is in it.
function isEmptyMap(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0;
}
