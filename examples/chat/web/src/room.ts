// A room: the topic chat/ROOM with its history, who is there, and who is typing.
import { type Client, type Message, type PresenceNews, Start } from "@esockets/client";
import type { StatusError } from "@esockets/client";
import { Log } from "./log.js";
import { element } from "./words.js";

/** `id`: the same in all pages of this browser; it tells which messages are one's own. */
export type Me = { name: string; id: string };
export type OnChange = (room: Room, hasNew?: boolean) => void;

const TYPING_MS = 4000; // so long somebody is typing
const TYPING_EVERY_MS = 2000; // it is told

export class Room {
  readonly log: Log;
  readonly tab: HTMLElement;
  readonly members = new Map<string, string>(); // names by client id
  readonly typing = new Map<string, ReturnType<typeof setTimeout>>(); // by name
  unread = 0;
  readonly #shown = new Set<string>(); // ids of messages
  readonly #held: Promise<{ unsubscribe?(): void; stop?(): void }>[];
  #typedAt = 0;

  constructor(
    readonly name: string,
    private readonly client: Client,
    private readonly me: Me,
    private readonly changed: OnChange,
  ) {
    this.log = new Log(name);
    this.tab = element("button", "room", name);
    const kept = { overflow: "replay", start: Start.last(50) } as const;
    const onTyping = ({ headers }: Message) => this.#onTyping(Object.fromEntries(headers));
    this.#held = [
      client.subscribe(`chat/${name}`, (message) => this.#hear(message), kept),
      client.subscribe(`typing/${name}`, onTyping, { overflow: "conflate" }),
      client.watchPresence(`chat/${name}`, (news) => this.#onPresence(news)),
    ];
    for (const held of this.#held) held.catch(({ message }) => this.log.note(message, "gap"));
  }

  leave(): void {
    this.log.element.remove();
    this.tab.parentElement!.remove();
    for (const held of this.#held) void held.then((it) => (it.stop ?? it.unsubscribe)!.call(it));
  }

  /** Shown at once; sent under its id until the broker has answered, which keeps it once. */
  say(text: string): Promise<void> {
    const messageId = `${this.client.clientId}-${Date.now()}`;
    const options = { messageId, headers: [...this.#headers, ["id", messageId] as const] };
    this.log.addPending(messageId, { nick: this.me.name, text, timeMs: Date.now(), isOwn: true });
    this.#typedAt = 0;
    const send = (): Promise<void> =>
      this.client.publishAndWait(`chat/${this.name}`, text, options).catch((e: StatusError) => {
        if (e.kind === "UNAVAILABLE") return send();
        this.log.note(`Not sent: “${text}” (${e.message})`, "gap");
      });
    return send();
  }

  /** Worthless soon, and of each person the latest is enough. */
  type(): void {
    if (Date.now() - this.#typedAt < TYPING_EVERY_MS || this.client.state !== "connected") return;
    this.#typedAt = Date.now();
    const options = { headers: this.#headers, key: this.me.id, ttlMs: TYPING_MS };
    this.client.publish(`typing/${this.name}`, "", options);
  }

  get #headers(): [string, string][] {
    return Object.entries({ nick: this.me.name, from: this.me.id });
  }

  #hear(message: Message): void {
    const { nick = "somebody", from, id = "", notice } = Object.fromEntries(message.headers);
    if (id && this.#shown.has(id)) return;
    this.#shown.add(id);
    this.log.settle(id);
    this.#setTyping(nick, false);
    const said = { nick, text: message.text(), isOwn: from === this.me.id };
    if (notice) this.log.note(`${nick} ${said.text}`);
    else this.log.add({ ...said, timeMs: message.timeUs / 1000 || Date.now() });
    this.changed(this, !said.isOwn && !notice);
  }

  #onTyping({ nick = "somebody", from }: Record<string, string>): void {
    if (from !== this.me.id) this.#setTyping(nick, true);
  }

  #setTyping(nick: string, isTyping: boolean): void {
    clearTimeout(this.typing.get(nick));
    this.typing.delete(nick);
    const end = () => this.#setTyping(nick, false);
    if (isTyping) this.typing.set(nick, setTimeout(end, TYPING_MS));
    this.changed(this);
  }

  #onPresence({ first, joined, left }: PresenceNews): void {
    for (const { clientId, name } of left) {
      if (this.members.delete(clientId)) this.log.note(`${name} has left`);
    }
    for (const { clientId, name } of joined) {
      if (!first && !this.members.has(clientId)) this.log.note(`${name} has joined`);
      this.members.set(clientId, name);
    }
    this.changed(this);
  }
}
