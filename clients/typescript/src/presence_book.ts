// Puts pages of a roster and updates together, as docs/PRESENCE.md says, and tells what has changed. A
// page may be newer than another, and, to a client that is behind, newer than updates that come after
// it.
import type { PresenceMember, PresenceNews } from "./presence.js";
import type { PresenceRoster, PresenceUpdate } from "./presence_frames.js";
import { compareUtf8 } from "./wire.js";

/** A page of the roster: `next` of it, and as of which update it is. The last one's `next` is "". */
interface Page {
  next: string;
  version: number;
}

export class PresenceBook {
  #mustRead = true;
  #isTold = false; // the first news
  #nextPage: string | undefined;
  #told = new Map<string, PresenceMember>(); // by client id, as all of these
  #toldCount = 0;

  #members = new Map<string, PresenceMember>(); // as read, with the updates since
  #touched = new Set<string>(); // of those, since `takeNews`
  #allTouched = false;
  #pages: Page[] = []; // in the order of `next`, the last one at the end
  #epoch = 0;
  #seen = 0; // the last update, or the version that the reading began with
  #count = 0;
  #countVersion = 0;

  /** The roster must be read from its beginning: nothing is known, or something was missed. */
  get mustRead(): boolean {
    return this.#mustRead;
  }

  /** Begins to; what was read before stays until all of it is read again. */
  beginReading(): void {
    this.#mustRead = false;
    this.#nextPage = "";
    this.#allTouched = true;
    this.#members.clear();
    this.#pages = [];
  }

  /** Something was missed. */
  invalidate(): void {
    this.#mustRead = true;
  }

  /** `after` of the page that is wanted. undefined: all is read. */
  get nextPage(): string | undefined {
    return this.#nextPage;
  }

  /** The page that was wanted. REQUIRES: one was, and beginReading was not called since. */
  onPage(page: PresenceRoster): void {
    if (this.#mustRead) return;
    if (this.#pages.length === 0) this.#beginEpoch(page.epoch, page.version);
    if (page.epoch !== this.#epoch) return this.invalidate();
    for (const member of page.members) this.#members.set(member.clientId, member);
    this.#pages.push({ next: page.next, version: page.version });
    if (page.version >= this.#countVersion) this.#setCount(page);
    this.#nextPage = page.next === "" ? undefined : page.next;
  }

  #beginEpoch(epoch: number, version: number): void {
    this.#epoch = epoch;
    this.#seen = version;
    this.#countVersion = 0;
  }

  #setCount({ count, version }: { count: number; version: number }): void {
    this.#count = count;
    this.#countVersion = version;
  }

  // What comes before the first page is in it.
  onUpdate(update: PresenceUpdate): void {
    if (this.#mustRead || this.#pages.length === 0) return;
    const beginsAnew = update.version === 1 && update.epoch > this.#epoch;
    if (beginsAnew && this.#nextPage === undefined) {
      this.#allTouched = true;
      this.#members.clear();
      this.#pages = [{ next: "", version: 0 }];
      this.#beginEpoch(update.epoch, 0);
    }
    if (update.epoch !== this.#epoch || update.version > this.#seen + 1) return this.invalidate();
    if (update.version <= this.#seen) return;
    this.#seen = update.version;
    this.#apply(update);
    if (update.incomplete) this.invalidate();
  }

  #apply(update: PresenceUpdate): void {
    for (const member of update.joined) {
      if (!this.#isNews(member.clientId, update.version)) continue;
      this.#members.set(member.clientId, member);
      this.#touched.add(member.clientId);
    }
    for (const { clientId } of update.left) {
      if (!this.#isNews(clientId, update.version)) continue;
      this.#members.delete(clientId);
      this.#touched.add(clientId);
    }
    if (update.version >= this.#countVersion) this.#setCount(update);
  }

  // The page that this member is on, or would be on, is older. It is newer, too, if it is still to
  // come.
  #isNews(clientId: string, version: number): boolean {
    const page = this.#pages.find(({ next }) => next === "" || compareUtf8(next, clientId) >= 0);
    return page !== undefined && version > page.version;
  }

  /** What has changed since the last call. undefined: nothing has, or it is being read. */
  takeNews(): PresenceNews | undefined {
    const isRead = this.#nextPage === undefined && this.#pages.length > 0;
    if (!isRead || (this.#mustRead && !this.#isTold)) return undefined;
    const touched = this.#allTouched
      ? new Set([...this.#touched, ...this.#members.keys(), ...this.#told.keys()])
      : this.#touched;
    this.#allTouched = false;
    this.#touched = new Set();
    const news: PresenceNews = { first: !this.#isTold, joined: [], left: [], count: this.#count };
    this.#isTold = true;
    for (const clientId of touched) this.#compare(clientId, news);
    const hasChanged = this.#toldCount !== this.#count;
    this.#toldCount = this.#count;
    const isEmpty = news.joined.length === 0 && news.left.length === 0 && !hasChanged;
    return isEmpty && !news.first ? undefined : news;
  }

  #compare(clientId: string, news: PresenceNews): void {
    const now = this.#members.get(clientId);
    const before = this.#told.get(clientId);
    if (now) {
      if (before && isSame(before, now)) return;
      news.joined.push(now);
      this.#told.set(clientId, now);
    } else if (before) {
      news.left.push(before);
      this.#told.delete(clientId);
    }
  }
}

function isSame(a: PresenceMember, b: PresenceMember): boolean {
  const names = Object.keys(a.metadata);
  return (
    a.name === b.name &&
    names.length === Object.keys(b.metadata).length &&
    names.every((name) => a.metadata[name] === b.metadata[name])
  );
}
