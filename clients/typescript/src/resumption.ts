// How all filters are asked for again on a new connection, so that nothing of a stream is missed and
// nothing comes twice.
//
// Messages do not say which filter they came for. Two filters with topics in common that read from
// their stream at once would bring the same messages at different times, and nobody could tell what
// is still to come for one of them. So of filters that cover each other only the widest reads, for
// all of them; the others ride on it and hear what is published. Groups read no streams.
import type { Dispatcher } from "./dispatcher.js";
import type { FilterEntry } from "./filter_entry.js";
import { PRESENCE_PREFIX } from "./presence.js";
import { Start } from "./start.js";
import type { SubscriptionName } from "./subscription_name.js";
import { filterCovers, isLiteral } from "./topic.js";

export interface Resumption {
  name: SubscriptionName;
  start: Start;
  /** Another one reads for it. */
  rides: boolean;
  /** Those for which it reads. */
  riders: SubscriptionName[];
}

interface Candidate {
  resumption: Resumption;
  entry: FilterEntry;
  /** undefined: itself. */
  readsForIt: Candidate | undefined;
  /** Behind which all have everything that it reads for. */
  position: number;
}

/**
 * In the order in which to ask: those that ride first, so that what is published meanwhile is read,
 * too.
 */
export function planResumptions(dispatcher: Dispatcher): Resumption[] {
  const candidates = candidatesOf(dispatcher);
  addRiders(candidates);
  for (const candidate of candidates) {
    if (!candidate.readsForIt) candidate.resumption.start = startOf(candidate);
  }
  const plan = candidates.map(({ resumption }) => resumption);
  // Who may see who is on a topic only while it is there itself is there again first.
  const rank = ({ name, rides }: Resumption) =>
    (name.filter.startsWith(PRESENCE_PREFIX) ? 2 : 0) + (rides ? 0 : 1);
  return plan.sort((a, b) => rank(a) - rank(b));
}

function candidatesOf(dispatcher: Dispatcher): Candidate[] {
  const candidates = dispatcher.names().map((name): Candidate => {
    const entry = dispatcher.find(name)!;
    const resumption = { name, start: Start.now(), rides: false, riders: [] };
    return { resumption, entry, readsForIt: undefined, position: entry.position };
  });
  const wildcards = candidates.filter(
    ({ entry, resumption }) => entry.stream && !isLiteral(resumption.name.filter),
  );
  for (const candidate of candidates) {
    candidate.readsForIt = widestAbove(wildcards, candidate);
    candidate.resumption.rides = candidate.readsForIt !== undefined;
  }
  return candidates;
}

/** A filter without wildcards covers none but itself. */
function widestAbove(wildcards: Candidate[], candidate: Candidate): Candidate | undefined {
  let widest: Candidate | undefined;
  for (const other of wildcards) if (isAbove(other, widest ?? candidate)) widest = other;
  return widest;
}

/** Of two that cover each other one is above. */
function isAbove(a: Candidate, b: Candidate): boolean {
  const upper = a.resumption.name.filter;
  const lower = b.resumption.name.filter;
  const above = a.entry.stream;
  const below = b.entry.stream;
  if (!above || !below || upper === lower) return false;
  if (a.entry.conflates || b.entry.conflates) return false;
  if (above.name !== below.name || above.epoch !== below.epoch) return false;
  return filterCovers(upper, lower) && !(filterCovers(lower, upper) && lower < upper);
}

/** To those that read: for whom, and from where on. */
function addRiders(candidates: Candidate[]): void {
  for (const rider of candidates) {
    const reader = rider.readsForIt;
    if (!reader) continue;
    reader.resumption.riders.push(rider.resumption.name);
    // What is live has all that the reader has; its own last message may be old.
    if (!rider.entry.isLive) reader.position = Math.min(reader.position, rider.position);
  }
}

function startOf({ entry, position }: Candidate): Start {
  if (!entry.stream) return entry.options.start ?? Start.now();
  if (entry.conflates) return Start.lastOfEachTopic(1);
  return Start.afterPosition(position, entry.stream.epoch);
}
