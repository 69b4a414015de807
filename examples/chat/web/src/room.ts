// A room: the topic chat/ROOM with its history, who is there, and who is typing.
import { type Client, type Message, type PresenceNews, Start } from "@esockets/client";
import { Log } from "./log.js";
import { byId, element } from "./words.js";

type Held = { unsubscribe?(): void; stop?(): void };

const TYPING_MS = 4000; // so long somebody is typing

export class Room {
  readonly log: Log;
  readonly tab: HTMLElement;
  readonly members = new Map<string, string>(); // names by client id
  readonly typing = new Map<string, ReturnType<typeof setTimeout>>(); // by name
  unread = 0;
  readonly #shown = new Set<string>(); // ids of messages
  readonly #held: Promise<Held>[];
  #typedAt = 0;

  constructor(
    readonly name: string,
    private readonly client: Client,
    /** `id`: the same in all pages of this browser; it tells which messages are one's own. */
    private readonly me: { name: string; id: string },
    private readonly changed: (room: Room, hasNew?: boolean) => void,
  ) {
    this.log = new Log(name);
    this.tab = element("button", "room", name);
    byId("room-list").append(element("li", "", this.tab));
    const kept = { overflow: "replay", start: Start.last(50) } as const;
    this.#held = [
      client.subscribe(`chat/${name}`, (message) => this.#hear(message), kept),
      client.subscribe(`typing/${name}`, (it) => this.#onTyping(it), { overflow: "conflate" }),
      client.watchPresence(`chat/${name}`, (news) => this.#onPresence(news)),
    ];
    for (const held of this.#held) held.catch(({ message }) => this.log.note(message, "gap"));
  }

  leave(): void {
    this.log.element.remove();
    this.tab.parentElement!.remove();
    const end = (it: Held) => (it.stop ?? it.unsubscribe)!.call(it);
    for (const held of this.#held) held.then(end, () => {}); // of a refusal the log has told
  }

  /** Shown at once; sent under its id until the broker has answered, which keeps it once. */
  say(text: string): Promise<void> {
    const messageId = `${this.client.clientId}-${performance.now()}`;
    const options = { messageId, headers: this.#headers({ id: messageId }) };
    this.log.addPending(messageId, { nick: this.me.name, text, timeMs: Date.now(), isOwn: true });
    this.#typedAt = 0;
    const send = (): Promise<void> =>
      this.client.publishAndWait(`chat/${this.name}`, text, options).catch(({ kind, message }) => {
        if (kind === "UNAVAILABLE") return send();
        this.log.settle(messageId);
        this.log.note(`Not sent: “${text}” (${message})`, "gap");
      });
    return send();
  }

  /** Worthless soon, and of each person the latest is enough. */
  type(): void {
    if (Date.now() - this.#typedAt < TYPING_MS / 2 || this.client.state !== "connected") return;
    this.#typedAt = Date.now();
    const options = { headers: this.#headers(), key: this.me.id, ttlMs: TYPING_MS };
    this.client.publish(`typing/${this.name}`, "", options);
  }

  #headers(more: Record<string, string> = {}): [string, string][] {
    return Object.entries({ nick: this.me.name, from: this.me.id, ...more });
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

  #onTyping({ headers }: Message): void {
    const { nick = "somebody", from } = Object.fromEntries(headers);
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
    const note = ({ clientId, name }: PresenceNews["left"][0], how: string) =>
      clientId !== this.client.clientId && this.log.note(`${name} has ${how}`);
    for (const it of left) if (this.members.delete(it.clientId)) note(it, "left");
    for (const it of joined) {
      if (!first && !this.members.has(it.clientId)) note(it, "joined");
      this.members.set(it.clientId, it.name);
    }
    this.changed(this);
  }
}
