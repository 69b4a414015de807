// The tables of proto/presence.proto.
import { decode, encode, flag, list, map, type MessageOf, text, uint } from "./schema.js";

export const PRESENCE_MEMBER = { clientId: text(1), name: text(2), metadata: map(3) };

export const PRESENCE_UPDATE = {
  topic: text(1),
  epoch: uint(2),
  version: uint(3),
  count: uint(4),
  joined: list(5, PRESENCE_MEMBER),
  left: list(6, PRESENCE_MEMBER),
  incomplete: flag(7),
  ended: flag(8),
};

export const PRESENCE_REQUEST = { limit: uint(1), after: text(2) };

export const PRESENCE_ROSTER = {
  topic: text(1),
  epoch: uint(2),
  version: uint(3),
  count: uint(4),
  members: list(5, PRESENCE_MEMBER),
  next: text(6),
};

export type PresenceUpdate = MessageOf<typeof PRESENCE_UPDATE>;
export type PresenceRoster = MessageOf<typeof PRESENCE_ROSTER>;

/** undefined: it is none. */
export function decodeUpdate(payload: Uint8Array): PresenceUpdate | undefined {
  try {
    return decode<PresenceUpdate>(PRESENCE_UPDATE, payload);
  } catch {
    return undefined;
  }
}

/** undefined: it is none. */
export function decodeRoster(payload: Uint8Array): PresenceRoster | undefined {
  try {
    return decode<PresenceRoster>(PRESENCE_ROSTER, payload);
  } catch {
    return undefined;
  }
}

export function encodePresenceRequest(limit: number, after: string): Uint8Array {
  return encode(PRESENCE_REQUEST, { limit, after });
}
