// The fleet, live: subscribes, and draws what has changed at most once per frame.
import { Client, type State, type StatusError } from "@esockets/client";
import { Chart } from "./chart.js";
import { Fleet } from "./fleet.js";
import { count } from "./format.js";
import { Table } from "./table.js";

const TABLE_EVERY_MS = 250; // nobody reads faster
const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;

const fleet = new Fleet();
const chart = new Chart(element("chart"), element("legend"));
const table = new Table(fleet, document.querySelector("table")!, onChoice);
const total = { messages: 0, conflated: 0, lost: 0 };
let isSnapshot = true; // what comes are last values: they tell by their time how old they are
let isDue = false;
let drawnMs = 0;

function onChoice(): void {
  chart.machine = fleet.machines.get(table.chosen);
  element("history").hidden = !chart.machine;
  element("chosen").textContent = table.chosen;
  drawnMs = 0;
  drawSoon();
}

function drawSoon(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(draw);
}

function draw(): void {
  isDue = false;
  const nowMs = Date.now();
  chart.draw(nowMs);
  if (nowMs - drawnMs < TABLE_EVERY_MS) return;
  drawnMs = nowMs;
  table.draw(nowMs);
  if (fleet.machines.get(table.chosen) !== chart.machine)
    onChoice(); // it left, or came back
  else if (!chart.machine) chooseFirst();
  element("machines").textContent = count(fleet.machines.size);
  element("silent").textContent = count(fleet.silentCount(nowMs));
  element("conflated").textContent = count(total.conflated);
  element("lost").textContent = count(total.lost);
  element("empty").hidden = fleet.machines.size > 0;
}

function chooseFirst(): void {
  const first = document.querySelector("tbody button")?.textContent;
  if (first) table.choose(first);
}

const SAYS: Record<State, string> = {
  connecting: "Connecting",
  connected: "Connected",
  waiting: "The broker is away; trying again. These are the last known figures",
  closed: "Disconnected for good",
};

function tell(state: string, text: string): void {
  element("state").dataset["state"] = state;
  element("state").textContent = text;
}

function onStateChange(state: State, reason?: StatusError): void {
  if (state !== "connected") isSnapshot = true;
  const banner = element("state");
  const isRetry = state === "connecting" && banner.dataset["state"] === "waiting";
  if (isRetry || banner.dataset["state"] === state) return; // of each attempt nobody wants to hear
  const why = state === "closed" && reason ? `: ${reason.message}` : "";
  tell(state, `${SAYS[state]}${why}.`);
}

function onRefused(reason: StatusError): void {
  if (client.state !== "closed") tell("closed", `The broker gives no figures: ${reason.message}.`);
}

function everySecond(messages: number): void {
  element("rate").textContent = count(total.messages - messages);
  const before = total.messages;
  chart.describe();
  drawSoon(); // silence is seen without a message
  setTimeout(() => everySecond(before), 1000);
}

const client = Client.create(
  { name: "telemetry page", backoffMaxMs: 5000 },
  {
    onStateChange,
    onSnapshotEnd: () => (isSnapshot = false),
    onGap: (gap) => {
      total.conflated += gap.conflated;
      total.lost += gap.messages - gap.conflated;
      drawSoon();
    },
  },
);
// Of a machine whose figures wait for this page the newest are enough.
client
  .subscribe(
    "telemetry/+/+",
    (message) => {
      ++total.messages;
      const nowMs = Date.now();
      const sentMs = message.timeUs / 1000 || nowMs;
      fleet.apply(message, isSnapshot ? Math.min(sentMs, nowMs) : nowMs);
      drawSoon();
    },
    { overflow: "conflate" },
  )
  .catch(onRefused);

element<HTMLInputElement>("filter").addEventListener("input", ({ target }) => {
  table.filter = (target as HTMLInputElement).value.trim();
  table.sortSoon();
});
everySecond(0);
