// What was said in one room, and what happened there.
import { byId, dayOf, element, itemOf, linked } from "./words.js";

export type Said = { nick: string; text: string; timeMs: number; isOwn: boolean };

const TOGETHER_MS = 5 * 60_000; // what one says within it stands below one name
const NEAR_PX = 60;

export class Log {
  readonly element: HTMLElement;
  readonly #list = element("ol", "");
  readonly #pending = new Map<string, HTMLElement>(); // said, and not yet with the broker
  readonly #openedMs = Date.now();
  #last: Said | undefined; // what the next may stand together with
  #day = "";
  #unseen = 0;

  constructor(room: string) {
    const empty = element("p", "empty", "Nothing was said here yet. Say hello!");
    this.element = element("div", "log", this.#list, empty);
    Object.assign(this.element, { role: "log", ariaLabel: `Messages in ${room}`, tabIndex: 0 });
    this.element.addEventListener("scroll", () => this.#isAtEnd && this.#tellUnseen(0));
    byId("logs").append(this.element);
  }

  add(said: Said): void {
    this.element.ariaLive = said.timeMs < this.#openedMs ? "off" : "polite"; // history is not read out
    if (this.#day !== dayOf(said.timeMs)) this.note((this.#day = dayOf(said.timeMs)), "day");
    const { nick, timeMs } = this.#last ?? { nick: "", timeMs: 0 };
    const isTogether = nick === said.nick && said.timeMs - timeMs < TOGETHER_MS;
    this.#last = said;
    this.#append(itemOfSaid(said, isTogether ? "together" : ""), said.isOwn);
  }

  addPending(id: string, said: Said): void {
    const item = itemOfSaid(said, "pending");
    this.#append(item, true);
    this.#pending.set(id, item);
  }

  settle(id: string): void {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
  }

  /** What happened. "gap": something is missing here. */
  note(text: string, kind = "note"): void {
    this.#last = undefined;
    this.#append(element("li", kind, element("span", "", text)), false);
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
    this.#tellUnseen(0);
  }

  #append(item: HTMLElement, isFollowed: boolean): void {
    const isSeen = isFollowed || this.element.hidden || this.#isAtEnd;
    this.#list.insertBefore(item, this.#pending.values().next().value ?? null);
    if (isSeen) this.toEnd();
    else this.#tellUnseen(this.#unseen + 1);
  }

  get #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #tellUnseen(unseen: number): void {
    this.#unseen = unseen;
    if (this.element.hidden) return;
    Object.assign(byId("newer"), { hidden: unseen === 0, textContent: `${unseen} new below ↓` });
  }
}

function itemOfSaid({ nick, text, timeMs, isOwn }: Said, kind: string): HTMLElement {
  const clock = new Date(timeMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const time = element("time", "", kind === "pending" ? "sending …" : clock);
  const words = element("p", "", ...linked(text));
  const bubble = element("div", "bubble", element("b", "name", nick), words, time);
  return itemOf(nick, `message ${isOwn ? "own" : ""} ${kind}`, bubble);
}
