// The page: asks for a name once, connects, and brings rooms, people and messages to their places.
import { Client, type ClientEvents } from "@esockets/client";
import { tellState } from "./banner.js";
import { Room } from "./room.js";
import { byId, itemOf } from "./words.js";

const random = () => Math.random().toString(36).slice(2, 10);
const me = { name: localStorage["name"] ?? "", id: (localStorage["id"] ??= random()) };
const rooms = new Map<string, Room>();
const text = byId<HTMLTextAreaElement>("text");
const welcome = byId<HTMLDialogElement>("welcome");
let client: Client;
let current: Room;
let isMissing = false; // something of what was said since the connection was lost

const events: ClientEvents = {
  onStateChange(state, reason) {
    tellState(client, state, isMissing, reason?.message);
    if (state === "connected") isMissing = false;
  },
  onGap: ({ filter, messages }) => noteGap(filter, `${messages} messages were lost here`),
  onResumed({ filter, recovered }) {
    if (!recovered) noteGap(filter, "What was said meanwhile is not all there any more");
    isMissing ||= !recovered;
  },
};

const noteGap = (topic: string, it: string) => rooms.get(topic.slice(5))?.log.note(it, "gap");

function start(): void {
  byId("me").append(...itemOf(me.name, "", me.name).childNodes);
  const patience = { requestTimeoutMs: 86_400_000, backoffMinMs: 500, backoffMaxMs: 10_000 };
  const identity = { name: me.name, clientId: `${me.id}-${random()}` };
  client = Client.create({ ...identity, ...patience }, events);
  addEventListener("pagehide", () => void client.close());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // by "Back"
  for (const name of JSON.parse(localStorage["rooms"] ?? "[]") as string[]) enter(name);
  enter(decodeURIComponent(location.hash.slice(1)) || "lobby");
}

function enter(name: string): void {
  const room = rooms.get(name) ?? new Room(name, client, me, changed);
  room.tab.onclick = () => show(room);
  rooms.set(name, room);
  show(room);
}

function show(room: Room): void {
  current = room;
  for (const { log } of rooms.values()) log.element.hidden = log !== room.log;
  room.log.toEnd();
  history.replaceState(null, "", `#${encodeURIComponent(room.name)}`);
  localStorage["rooms"] = JSON.stringify([...rooms.keys()]);
  if (byId("rooms").matches(":popover-open")) byId("rooms").hidePopover();
  text.focus();
  changed(room);
}

function changed(room: Room, hasNew = false): void {
  if (hasNew) ++room.unread;
  if (!document.hidden) current.unread = 0;
  const unread = [...rooms.values()].reduce((sum, it) => sum + it.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${current.name} – Chat`;
  byId("unread").textContent = String(unread || "");
  for (const { tab, unread } of rooms.values()) {
    tab.ariaCurrent = tab === current.tab ? "page" : null;
    tab.dataset["unread"] = String(unread || "");
  }
  if (room === current) drawCurrent(room);
}

function drawCurrent({ name, members, typing }: Room): void {
  byId("title").textContent = name;
  byId("count").textContent = String(members.size);
  const people = [...members.values()].sort().map((it) => itemOf(it, "person", it));
  byId("people-list").replaceChildren(...people);
  const who = [...typing.keys()].join(" and ");
  byId("typing").textContent = who && `${who} ${typing.size > 1 ? "are" : "is"} typing …`;
}

function say(event: Event): void {
  event.preventDefault();
  if (text.value.trim()) void current.say(text.value.trim());
  Object.assign(text, { value: "" }).focus();
}

byId("say").addEventListener("submit", say);
text.addEventListener("input", () => current.type());
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) say(event);
});
byId("join").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(byId<HTMLInputElement>("room").value);
  byId<HTMLFormElement>("join").reset();
});
byId("leave").addEventListener("click", () => {
  rooms.delete(current.name);
  current.leave();
  show([...rooms.values()].at(-1)!);
});
byId("newer").addEventListener("click", () => current.log.toEnd());
byId("me").addEventListener("click", () => welcome.showModal());
byId("name-form").addEventListener("submit", () => {
  localStorage["name"] = byId<HTMLInputElement>("name").value;
  location.reload();
});
welcome.addEventListener("cancel", (event) => me.name || event.preventDefault());
document.addEventListener("visibilitychange", () => changed(current));
void (me.name ? start() : welcome.showModal());
