// Reads a delivery out of its frame: the hot path of who receives.
import { type Header, Message } from "./message.js";
import { decodeText, NO_BYTES, Reader, WireError } from "./wire.js";

const MESSAGE_TAG = 0x12; // ServerFrame.message
const MEMO_ENTRIES = 256; // a power of two
const MEMO_BYTES_MAX = 128;

/** Texts that came before, by a hash of their bytes: topics come again and again. */
const memo: string[] = new Array<string>(MEMO_ENTRIES).fill("");

const reader = new Reader();

/**
 * The message in the body of a ServerFrame; undefined: the frame is of another kind. Throws
 * WireError.
 */
export function decodeMessage(bytes: Uint8Array, start: number, end: number): Message | undefined {
  if (bytes[start] !== MESSAGE_TAG) return undefined;
  reader.reset(bytes, start + 1, end);
  if (reader.lengthEnd() !== end) throw new WireError("a frame has one kind");
  const message = new Message();
  while (reader.at < end) readField(message);
  return message;
}

// Tags of one byte, but for the stamps, whose numbers are above 15.
function readField(message: Message): void {
  const tag = reader.varint();
  switch (tag) {
    case 0x0a:
      message.topic = readTopic();
      break;
    case 0x12:
      message.payload = reader.view();
      break;
    case 0x1a:
      readHeader(message);
      break;
    case 0x22:
      message.replyTo = reader.text();
      break;
    case 0x2a:
      message.key = reader.view();
      break;
    case 0x30:
      message.ttlMs = reader.varint();
      break;
    case 0x3a:
      message.group = readTopic();
      break;
    default:
      readStamp(message, tag);
  }
}

function readStamp(message: Message, tag: number): void {
  if (tag === 0x80) message.timeUs = reader.varint();
  else if (tag === 0x88) message.publisher = reader.varint();
  else if (tag === 0x90) message.position = reader.varint();
  else reader.skip(tag % 8);
}

function readHeader(message: Message): void {
  const end = reader.lengthEnd();
  const header: Header = ["", ""];
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === 0x0a) header[0] = reader.text();
    else if (tag === 0x12) header[1] = reader.text();
    else reader.skip(tag % 8);
  }
  if (reader.at !== end) throw new WireError("a header is cut short");
  if (message.headers.length === 0) message.headers = [header];
  else (message.headers as Header[]).push(header);
}

/** As `reader.text()`, for what comes again and again. */
function readTopic(): string {
  const end = reader.lengthEnd();
  const { bytes, at } = reader;
  reader.at = end;
  if (end - at > MEMO_BYTES_MAX) return decoded(bytes.subarray(at, end));
  let hash = end - at;
  for (let i = at; i < end; ++i) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  const slot = (hash ^ (hash >>> 8)) & (MEMO_ENTRIES - 1);
  const known = memo[slot]!;
  if (isSame(known, bytes, at, end)) return known;
  return (memo[slot] = decoded(end === at ? NO_BYTES : bytes.subarray(at, end)));
}

function isSame(known: string, bytes: Uint8Array, at: number, end: number): boolean {
  if (known.length !== end - at) return false;
  for (let i = 0; i < known.length; ++i) {
    const byte = bytes[at + i]!;
    if (byte > 0x7f || known.charCodeAt(i) !== byte) return false; // only ASCII is its own UTF-8
  }
  return true;
}

function decoded(bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch {
    throw new WireError("text is not UTF-8");
  }
}
