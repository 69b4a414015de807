// The tables of fields are those of the .proto files, as protoc-gen-es reads them.
import type { DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import * as client from "../../../clients/typescript/src/frames.js";
import { GROUP_STRATEGIES, OVERFLOWS } from "../../../clients/typescript/src/options.js";
import * as presence from "../../../clients/typescript/src/presence_frames.js";
import type { Field } from "../../../clients/typescript/src/schema.js";
import * as server from "../../../clients/typescript/src/server_frames.js";
import { START_AT } from "../../../clients/typescript/src/start.js";
import * as esockets from "../../../proto/esockets_pb.js";
import { file_proto_presence } from "../../../proto/presence_pb.js";

type Table = Record<string, Field<unknown>>;

/** What a table leaves out on purpose. */
const LEFT_OUT: Record<string, string[]> = {
  ServerFrame: ["message"], // message_frame.ts
};
const NO_TABLES = ["Message"];

function tablesOf(module: Record<string, unknown>): [string, Table][] {
  return Object.entries(module).filter(
    ([name, value]) =>
      /^[A-Z_]+$/.test(name) && typeof value === "object" && !Object.isFrozen(value),
  ) as [string, Table][];
}

/** "SERVER_FRAME" is ServerFrame. */
function messageName(table: string): string {
  return table
    .toLowerCase()
    .replace(/(^|_)(\w)/g, (_all, _bar, letter: string) => letter.toUpperCase());
}

function kindOf(field: DescField): string {
  if (field.fieldKind === "map") return "map";
  if (field.fieldKind === "list") return "list";
  if (field.fieldKind === "message") return "one";
  if (field.fieldKind === "enum") return "uint";
  const kinds: Record<number, string> = {
    4: "uint",
    13: "uint",
    8: "flag",
    9: "text",
    12: "bytes",
  };
  return kinds[field.scalar] ?? `type ${field.scalar}`;
}

function check(file: DescFile, tables: [string, Table][]): void {
  const messages = new Map(file.messages.map((message) => [message.name, message]));
  for (const name of NO_TABLES) messages.delete(name);
  for (const [name, table] of tables) {
    const message = messages.get(messageName(name))!;
    expect(message, name).toBeDefined();
    messages.delete(message.name);
    expect(fieldsOf(table), name).toEqual(wanted(message));
  }
  expect([...messages.keys()], "messages without a table").toEqual([]);
}

function fieldsOf(table: Table) {
  return Object.entries(table).map(([name, { no, kind }]) => ({ name, no, kind }));
}

function wanted(message: DescMessage) {
  return message.fields
    .filter(({ localName }) => !LEFT_OUT[message.name]?.includes(localName))
    .map((field) => ({ name: field.localName, no: field.number, kind: kindOf(field) }));
}

/** "OVERFLOW_DROP_OLDEST" is dropOldest. */
function words(values: readonly { name: string; localName: string }[]): string[] {
  return values.map(({ localName }) =>
    localName.toLowerCase().replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()),
  );
}

describe("tables", () => {
  test("of esockets.proto", () => {
    check(esockets.file_proto_esockets, [...tablesOf(client), ...tablesOf(server)]);
  });

  test("of presence.proto", () => {
    check(file_proto_presence, tablesOf(presence));
  });

  test("enums are in the order of the protocol", () => {
    expect(words(esockets.OverflowSchema.values)).toEqual([...OVERFLOWS]);
    expect(words(esockets.GroupStrategySchema.values)).toEqual([...GROUP_STRATEGIES]);
    const starts = words(esockets.StartSchema.values);
    expect(starts.map((word) => (word === "atTime" ? "time" : word))).toEqual([...START_AT]);
    for (const { name, number } of esockets.Gap_ReasonSchema.values) {
      expect(server.gapOf({ reason: number } as never).reason).toBe(name);
    }
  });
});
