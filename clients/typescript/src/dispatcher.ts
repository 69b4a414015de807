// Which of a client's subscriptions a message is for: the same rules as the broker's.
import { FilterEntry, type Subscribed, type Subscriber } from "./filter_entry.js";
import { MATCHED_TOPICS_MAX } from "./limits.js";
import type { Message } from "./message.js";
import type { SubscribeOptions } from "./options.js";
import type { SubscriptionName } from "./subscription_name.js";
import { filterMatches, filtersOverlap } from "./topic.js";

/** The filters of one group, or those without a group. */
class Filters {
  readonly entries = new Map<string, FilterEntry>();
  /** By topic, until the filters change. */
  readonly #matched = new Map<string, readonly FilterEntry[]>();

  get(filter: string): FilterEntry {
    let entry = this.entries.get(filter);
    if (entry) return entry;
    entry = new FilterEntry();
    this.entries.set(filter, entry);
    this.#matched.clear();
    return entry;
  }

  delete(filter: string): void {
    this.entries.delete(filter);
    this.#matched.clear();
  }

  matching(topic: string): readonly FilterEntry[] {
    return this.#matched.get(topic) ?? this.#match(topic);
  }

  #match(topic: string): readonly FilterEntry[] {
    const entries: FilterEntry[] = [];
    for (const [filter, entry] of this.entries) {
      if (filterMatches(filter, topic)) entries.push(entry);
    }
    if (this.#matched.size >= MATCHED_TOPICS_MAX) this.#matched.clear();
    this.#matched.set(topic, entries);
    return entries;
  }
}

/**
 * A message of a group is for the filters of that group alone, any other for those without a group.
 */
export class Dispatcher {
  /** By group; "" are those without. */
  readonly #groups = new Map<string, Filters>();

  add(filter: string, options: SubscribeOptions, subscribed: Subscribed): void {
    const group = options.group ?? "";
    let filters = this.#groups.get(group);
    if (!filters) this.#groups.set(group, (filters = new Filters()));
    filters.get(filter).add(options, subscribed);
  }

  /** undefined: it is not there. When the filter has no subscriber left, it is gone: see `find`. */
  remove(name: SubscriptionName, id: number): Subscriber | undefined {
    const entry = this.find(name);
    const removed = entry?.remove(id);
    if (entry?.subscribers.length === 0) this.#erase(name);
    return removed;
  }

  /** All subscribers of the filter, which is gone. */
  removeAll(name: SubscriptionName): readonly Subscribed[] {
    const subscribers = this.find(name)?.subscribers ?? [];
    this.#erase(name);
    return subscribers;
  }

  #erase({ filter, group }: SubscriptionName): void {
    const filters = this.#groups.get(group);
    filters?.delete(filter);
    if (filters?.entries.size === 0) this.#groups.delete(group);
  }

  /** Gives the message to every subscriber that it is for; returns their number. */
  dispatch(message: Message): number {
    const entries = this.#groups.get(message.group)?.matching(message.topic) ?? [];
    let count = 0;
    for (const entry of entries) count += entry.hand(message);
    return count;
  }

  /** undefined when nobody subscribes to it. */
  find({ filter, group }: SubscriptionName): FilterEntry | undefined {
    return this.#groups.get(group)?.entries.get(filter);
  }

  /** Other filters of the same group, which have topics in common with this one. */
  overlapping({ filter, group }: SubscriptionName): FilterEntry[] {
    const entries = [...(this.#groups.get(group)?.entries ?? [])];
    return entries
      .filter(([other]) => other !== filter && filtersOverlap(other, filter))
      .map(([, entry]) => entry);
  }

  names(): SubscriptionName[] {
    const names: SubscriptionName[] = [];
    for (const [group, { entries }] of this.#groups) {
      for (const filter of entries.keys()) names.push({ filter, group });
    }
    return names;
  }
}
