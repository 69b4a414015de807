// Errors. What the broker refused or ended carries its code, text and advice; the code says what to
// do, and its table is in docs/PROTOCOL.md.

/** As the broker sent it, in Error (codes 100 to 199), Close or GoAway (200 to 299). */
export interface BrokerError {
  code: number;
  text: string;
  /** What happened here, with figures where there are any. */
  detail: string;
  /** May the same request, or the same client, try again unchanged? */
  retryable: boolean;
  /** Of Close and GoAway: milliseconds to wait before that. */
  retryAfterMs: number;
  advice: string;
}

/** What kind of failure it is: the same words in every client library. */
export type StatusKind =
  | "CANCELLED"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "UNAUTHENTICATED";

/** Every failure that this library tells: rejected promises, events, and what it throws. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly kind: StatusKind;
  /** The broker's code; 0 for a failure that does not come from the broker. */
  readonly code: number;
  /** The broker's advice; empty likewise. */
  readonly advice: string;

  constructor(kind: StatusKind, message: string, code = 0, advice = "") {
    super(message);
    this.kind = kind;
    this.code = code;
    this.advice = advice;
  }
}

// Those codes that the library itself acts on.
export const NOT_SUBSCRIBED_CODE = 114;
export const REFRESH_REFUSED_CODE = 129;
export const NO_RESPONDERS_CODE = 150;
export const INBOX_NOT_ALLOWED_CODE = 152;
export const GOODBYE_CODE = 200;
export const NOT_AUTHENTICATED_CODE = 230;
export const CREDENTIALS_EXPIRED_CODE = 233;
export const CREDENTIALS_REVOKED_CODE = 235;

/** The codes for which there is a word that says more than "refused". */
const KINDS: Record<number, StatusKind> = {
  102: "UNIMPLEMENTED", // UNSUPPORTED
  113: "PERMISSION_DENIED", // RESERVED_TOPIC
  114: "NOT_FOUND", // NOT_SUBSCRIBED
  120: "PERMISSION_DENIED", // NOT_PERMITTED
  121: "RESOURCE_EXHAUSTED", // TOO_MANY_SUBSCRIPTIONS
  141: "UNIMPLEMENTED", // ADMIN_UNKNOWN_REQUEST
  142: "NOT_FOUND", // NO_SUCH_CLIENT
  143: "FAILED_PRECONDITION", // RECV_QUEUE_OFF
  144: "NOT_FOUND", // NO_SUCH_STREAM
  151: "NOT_FOUND", // NO_SUCH_INBOX
  152: "PERMISSION_DENIED", // INBOX_NOT_ALLOWED
  154: "FAILED_PRECONDITION", // GROUP_DIFFERS
  160: "FAILED_PRECONDITION", // PRESENCE_NOT_CONFIGURED
  161: "RESOURCE_EXHAUSTED", // TOO_MANY_PRESENCE_TOPICS
  230: "UNAUTHENTICATED", // NOT_AUTHENTICATED
  233: "UNAUTHENTICATED", // CREDENTIALS_EXPIRED
};

function kindOf(error: BrokerError): StatusKind {
  const kind = KINDS[error.code];
  if (kind) return kind;
  if (error.retryable) return "UNAVAILABLE";
  return error.code < 200 ? "INVALID_ARGUMENT" : "FAILED_PRECONDITION";
}

/** "code 110: the topic breaks the rules of topics: DETAIL (ADVICE)". */
export function toStatus(error: BrokerError): StatusError {
  let text = `code ${error.code}: ${error.text}`;
  if (error.detail) text += `: ${error.detail}`;
  if (error.advice) text += ` (${error.advice})`;
  return new StatusError(kindOf(error), text, error.code, error.advice);
}

/** Codes of Close that are not retryable: for one of which only the code has come. */
const FINAL_CODES = new Set([
  210, 211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 230, 231, 232, 233,
]);

export function isFinalCode(code: number): boolean {
  return FINAL_CODES.has(code);
}

export function unavailable(message: string): StatusError {
  return new StatusError("UNAVAILABLE", message);
}

export function isClosed(): StatusError {
  return new StatusError("FAILED_PRECONDITION", "the client is closed");
}
