// Topics and filters. A topic is levels joined by "/", "room/42/chat"; a level may be empty. A filter
// may hold "+" for exactly one level and, as its last level, "#" for this level and all below. The
// rules are those of the broker: tests/conformance/vectors/topics.jsonl holds them together.
import { TOPIC_BYTES_MAX, TOPIC_LEVELS_MAX } from "./limits.js";
import { utf8Bytes } from "./wire.js";

/** Why this is no topic or filter; empty: it is one. */
function checkText(text: string): string {
  if (text === "") return "topic is empty";
  if (utf8Bytes(text) > TOPIC_BYTES_MAX) return "topic is too long";
  if (/[\ud800-\udfff]/u.test(text)) return "topic is not valid UTF-8";
  if (text.includes("\0")) return "topic contains a NUL character";
  return text.split("/").length > TOPIC_LEVELS_MAX ? "topic has too many levels" : "";
}

/** Why nobody can publish to it; empty: somebody can. */
export function checkTopic(topic: string): string {
  const why = checkText(topic);
  if (why || isLiteral(topic)) return why;
  return "topic to publish to contains a wildcard, '+' or '#'";
}

/** Why nobody can subscribe to it; empty: somebody can. */
export function checkFilter(filter: string): string {
  const why = checkText(filter);
  if (why || /^([^+#/]*\/|\+\/)*([^+#/]*|\+|#)$/.test(filter)) return why;
  return "'+' must be a whole level of a filter, '#' its whole last level";
}

/** Only the broker publishes there, and no filter that begins with a wildcard matches it. */
export function isReserved(text: string): boolean {
  return text.startsWith("$");
}

/** Without wildcards: it matches the topic of the same text, and no other. */
export function isLiteral(filter: string): boolean {
  return !filter.includes("+") && !filter.includes("#");
}

/** The same answers as the broker's. REQUIRES: a filter and a topic. */
export function filterMatches(filter: string, topic: string): boolean {
  if (isReserved(topic) && !isReserved(filter)) return false;
  const wanted = filter.split("/");
  const given = topic.split("/");
  for (let i = 0; i < wanted.length; ++i) {
    // Before the look at the topic: "a/#" also matches "a".
    if (wanted[i] === "#") return true;
    if (i >= given.length) return false;
    if (wanted[i] !== "+" && wanted[i] !== given[i]) return false;
  }
  return wanted.length === given.length;
}

/** Is there a topic that both match? REQUIRES: both are filters. */
export function filtersOverlap(a: string, b: string): boolean {
  if (isReserved(a) !== isReserved(b)) return false;
  const x = a.split("/");
  const y = b.split("/");
  for (let i = 0; ; ++i) {
    if (x[i] === "#" || y[i] === "#") return true;
    if (i >= x.length || i >= y.length) return x.length === y.length;
    if (x[i] !== "+" && y[i] !== "+" && x[i] !== y[i]) return false;
  }
}

/** Does `outer` match every topic that `inner` does? REQUIRES: both are filters. */
export function filterCovers(outer: string, inner: string): boolean {
  if (isReserved(inner) && !isReserved(outer)) return false;
  const around = outer.split("/");
  // Every topic has a first level: "#" is all the same as this, whose levels say so.
  const within = (inner === "#" ? "+/#" : inner).split("/");
  for (let i = 0; i < around.length; ++i) {
    if (around[i] === "#") return true;
    if (i >= within.length || within[i] === "#") return false;
    if (around[i] !== "+" && around[i] !== within[i]) return false;
  }
  return around.length === within.length;
}
