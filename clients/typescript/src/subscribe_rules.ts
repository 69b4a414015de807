// What can be said of a subscription before the broker is asked.
import { GROUP_BYTES_MAX } from "./limits.js";
import type { Overflow, SubscribeOptions } from "./options.js";
import { StatusError } from "./status.js";
import { checkFilter, isReserved } from "./topic.js";
import { utf8Bytes } from "./wire.js";

const SUITS_A_GROUP: readonly (Overflow | undefined)[] = [
  undefined,
  "default",
  "dropOldest",
  "dropNewest",
];

export function invalid(what: string, why: string): StatusError {
  return new StatusError("INVALID_ARGUMENT", `${what}: ${why}`);
}

/** undefined: nothing; otherwise INVALID_ARGUMENT, of what every broker refuses. */
export function checkSubscribe(filter: string, options: SubscribeOptions): StatusError | undefined {
  const why = checkFilter(filter);
  if (why) return invalid("filter", why);
  if (options.group) return checkGroup(filter, options.group, options);
  if (options.groupStrategy && options.groupStrategy !== "unspecified") {
    return invalid("groupStrategy", "there is no group");
  }
  return undefined;
}

function checkGroup(filter: string, group: string, { overflow, start }: SubscribeOptions) {
  if (utf8Bytes(group) > GROUP_BYTES_MAX) return invalid("group", "too long");
  if (isReserved(filter)) return invalid("filter", "below $ there are no groups");
  if (!SUITS_A_GROUP.includes(overflow)) {
    return invalid("overflow", "what waits for a group can only drop the oldest or the newest");
  }
  if (start && !start.isNow) {
    return invalid("start", "a group gets what is published from now on");
  }
  return undefined;
}
