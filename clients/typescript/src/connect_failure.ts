// Why a connection could not be made, as `ws` tells it, in words for people. A browser tells nothing.

/** Of an attempt. */
export interface ConnectFailure {
  text: string;
  /** No later attempt will do better. */
  isOurMistake: boolean;
}

/** What `ws` gives to onerror. */
export interface SocketError {
  message?: string;
  /** As Node throws it. */
  error?: { code?: string };
}

/** An answer that is no WebSocket, as Node reads it. */
export interface HttpAnswer {
  readonly statusCode?: number;
  setEncoding(encoding: "utf8"): unknown;
  on(event: "data", listener: (text: string) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

const ANSWER_LETTERS_MAX = 200;

/** Codes of Node for a certificate that is not believed: those of X509_verify_cert, and its own. */
const CERTIFICATE_CODES =
  /CERT|CRL|ISSUER|LEAF|^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|UNSPECIFIED)$/;

/** "8:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../rec.c:1601:…" */
const OPENSSL_TEXT = /error:\w+:SSL routines:[^:]*:([^:]+)/;

/** Certificates and keys that cannot be read, or do not belong together. */
const OUR_MISTAKES = /^ERR_(OSSL|INVALID_ARG)/;

export function failureOf({ message = "", error }: SocketError): ConnectFailure {
  const code = error?.code ?? "";
  if (OUR_MISTAKES.test(code)) return { text: `the options tls: ${message}`, isOurMistake: true };
  return { text: textOf(message, code), isOurMistake: false };
}

function textOf(message: string, code: string): string {
  const reason = OPENSSL_TEXT.exec(message)?.[1];
  if (reason) {
    const advice = reason.includes("version") ? " (does this port speak TLS?)" : "";
    return `the TLS handshake failed: ${reason}${advice}`;
  }
  if (!CERTIFICATE_CODES.test(code)) return message;
  return `the broker's certificate is not believed: ${message}`;
}

/** Of a refusal the broker's own words. */
export function readAnswer(answer: HttpAnswer, done: (text: string) => void): void {
  let body = "";
  answer.setEncoding("utf8");
  answer.on("data", (text) => (body = (body + text).slice(0, ANSWER_LETTERS_MAX)));
  answer.on("close", () => {
    const said = body.replace(/\s+/g, " ").trim();
    const status = `${answer.statusCode}`; // which the broker's own words begin with
    if (said.startsWith(status)) return done(`HTTP ${said}`);
    done(`HTTP ${status}${said && `: ${said}`}`);
  });
}
