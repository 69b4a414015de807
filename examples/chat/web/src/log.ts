// What was said in one room, and what happened there.
import { byId, dayOf, element, itemOf, linked } from "./words.js";

export type Said = { nick: string; text: string; timeMs: number; isOwn: boolean };

export class Log {
  readonly element: HTMLElement;
  readonly #list = element("ol", "");
  readonly #pending = new Map<string, HTMLElement>(); // said, and not yet with the broker
  readonly #openedMs = Date.now();
  #last: Said | undefined; // what the next may stand together with
  #day = "";

  constructor(room: string) {
    const empty = element("p", "empty", "Nothing was said here yet. Say hello!");
    this.element = element("div", "log", this.#list, empty);
    Object.assign(this.element, { role: "log", ariaLabel: `Messages in ${room}`, tabIndex: 0 });
    this.element.addEventListener("scroll", () => this.#isAtEnd && this.#tellNew(false));
    byId("logs").append(this.element);
  }

  add(said: Said): void {
    this.element.ariaLive = said.timeMs < this.#openedMs ? "off" : "polite"; // history is not read out
    if (this.#day !== dayOf(said.timeMs)) this.note((this.#day = dayOf(said.timeMs)), "day");
    const isTogether = this.#last?.nick === said.nick && said.timeMs - this.#last.timeMs < 300_000;
    this.#last = said;
    this.#append(itemOfSaid(said, isTogether ? "together" : ""), said.isOwn);
  }

  addPending(id: string, said: Said): void {
    this.#pending.set(id, itemOfSaid(said, "pending"));
    this.#list.append(this.#pending.get(id)!);
    this.toEnd();
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
    this.#tellNew(false);
  }

  #append(item: HTMLElement, isFollowed: boolean): void {
    const isSeen = isFollowed || this.element.hidden || this.#isAtEnd;
    this.#list.insertBefore(item, this.#pending.values().next().value ?? null);
    if (isSeen) this.toEnd();
    else this.#tellNew(true);
  }

  get #isAtEnd(): boolean {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 60;
  }

  #tellNew(isBelow: boolean): void {
    if (!this.element.hidden) byId("newer").hidden = !isBelow;
  }
}

function itemOfSaid({ nick, text, timeMs, isOwn }: Said, kind: string): HTMLElement {
  const clock = new Date(timeMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const time = element("time", "", kind === "pending" ? "sending …" : clock);
  const words = element("p", "", ...linked(text));
  const bubble = element("div", "bubble", element("b", "name", nick), words, time);
  return itemOf(nick, `message ${isOwn ? "own" : ""} ${kind}`, bubble);
}
