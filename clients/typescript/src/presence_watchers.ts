// The watchers of a client, by the filters of their subscriptions.
import type { PresenceWatcher } from "./presence_watcher.js";

export class PresenceWatchers {
  readonly #filters = new Map<PresenceWatcher, string>();

  /** The broker has confirmed its subscription. */
  add(filter: string, watcher: PresenceWatcher): void {
    this.#filters.set(watcher, filter);
    watcher.onSubscribed();
  }

  delete(watcher: PresenceWatcher): void {
    this.#filters.delete(watcher);
  }

  /** All of them are subscribed again, on a new connection. */
  onConnected(): void {
    for (const watcher of this.#filters.keys()) watcher.onSubscribed();
  }

  /** Does somebody watch who makes it good? */
  onGap(ofFilter: string): boolean {
    let isWatched = false;
    for (const [watcher, filter] of this.#filters) {
      if (filter !== ofFilter) continue;
      watcher.onGap();
      isWatched = true;
    }
    return isWatched;
  }
}
