import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import {
  failureOf,
  type HttpAnswer,
  readAnswer,
} from "../../../clients/typescript/src/connect_failure.js";

const openssl = (reason: string) =>
  `80EC:error:0A00045C:SSL routines:ssl3_read_bytes:${reason}:../rec_layer_s3.c:1601:SSL alert number 116`;

describe("why there is no connection", () => {
  test.each([
    ["", undefined, ""],
    ["connect ECONNREFUSED 127.0.0.1:1", "ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"],
    ["socket hang up", "ECONNRESET", "socket hang up"],
    [
      "certificate has expired",
      "CERT_HAS_EXPIRED",
      "the broker's certificate is not believed: certificate has expired",
    ],
    [
      "unable to verify the first certificate",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "the broker's certificate is not believed: unable to verify the first certificate",
    ],
    [
      "no match",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "the broker's certificate is not believed: no match",
    ],
    [
      openssl("tlsv13 alert certificate required"),
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "the TLS handshake failed: tlsv13 alert certificate required",
    ],
    [
      `write EPROTO ${openssl("wrong version number")}`,
      "EPROTO",
      "the TLS handshake failed: wrong version number (does this port speak TLS?)",
    ],
  ])("%j, %s", (message, code, text) => {
    expect(failureOf({ message, error: { code } })).toEqual({ text, isOurMistake: false });
  });

  test("a platform that tells nothing", () => {
    expect(failureOf({})).toEqual({ text: "", isOurMistake: false });
  });

  test("files that cannot be read are no passing trouble", () => {
    const message = "error:0480006C:PEM routines::no start line";
    expect(failureOf({ message, error: { code: "ERR_OSSL_PEM_NO_START_LINE" } })).toEqual({
      text: `the options tls: ${message}`,
      isOurMistake: true,
    });
  });
});

describe("an answer that is no WebSocket", () => {
  function read(statusCode: number, ...pieces: string[]): string[] {
    const answer = Object.assign(new EventEmitter(), { statusCode, setEncoding: () => {} });
    const told: string[] = [];
    readAnswer(answer as unknown as HttpAnswer, (text) => told.push(text));
    for (const piece of pieces) answer.emit("data", piece);
    expect(told).toEqual([]);
    answer.emit("close");
    return told;
  }

  test("is told in the words of who gave it", () => {
    expect(read(400, "400 Bad Request: use", " wss\n")).toEqual(["HTTP 400 Bad Request: use wss"]);
    expect(read(502, "<p>\n no")).toEqual(["HTTP 502: <p> no"]);
    expect(read(503)).toEqual(["HTTP 503"]);
  });

  test("which may be many", () => {
    expect(read(500, "x".repeat(1000), "y")).toEqual([`HTTP 500: ${"x".repeat(200)}`]);
  });
});
