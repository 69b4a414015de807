// One row for each machine.
import type { Figures, Fleet, Machine } from "./fleet.js";
import { bytes, percent, rate, timeOfDay } from "./format.js";

const SORT_EVERY_MS = 2000; // rows that jump about cannot be read

interface Column {
  title: string;
  /** To sort by; the largest first. */
  value(figures: Figures, machine: Machine): number;
  text(figures: Figures): string;
  /** Of a bar, in percent. */
  share?(figures: Figures): number;
}

const COLUMNS: Column[] = [
  {
    title: "CPU",
    value: (f) => f.cpuPercent,
    text: (f) => percent(f.cpuPercent),
    share: (f) => f.cpuPercent,
  },
  { title: "Load", value: (f) => f.load, text: (f) => f.load.toFixed(2) },
  {
    title: "Memory",
    value: (f) => f.memoryPercent,
    text: (f) => `${bytes(f.memoryBytes)} of ${bytes(f.memoryTotalBytes)}`,
    share: (f) => f.memoryPercent,
  },
  { title: "Received", value: (f) => f.receiveRate, text: (f) => rate(f.receiveRate) },
  { title: "Sent", value: (f) => f.sendRate, text: (f) => rate(f.sendRate) },
  { title: "Read", value: (f) => f.readRate, text: (f) => rate(f.readRate) },
  { title: "Written", value: (f) => f.writeRate, text: (f) => rate(f.writeRate) },
];

function put(cell: HTMLElement, text: string): void {
  if (cell.textContent !== text) cell.textContent = text;
}

class Row {
  readonly element = document.createElement("tr");
  readonly button = document.createElement("button");
  readonly #cells = COLUMNS.map(() => document.createElement("td"));
  readonly #state = document.createElement("td");

  constructor(readonly machine: Machine) {
    const head = document.createElement("th");
    head.scope = "row";
    head.append(this.button);
    this.button.textContent = machine.name;
    this.element.append(head, this.#state, ...this.#cells);
  }

  draw(nowMs: number, isChosen: boolean): void {
    const { machine } = this;
    const figures = machine.look();
    COLUMNS.forEach(({ value, text, share }, i) => {
      const cell = this.#cells[i]!;
      put(cell, Number.isNaN(value(figures, machine)) ? "–" : text(figures));
      if (share) cell.style.setProperty("--share", `${share(figures) || 0}%`);
    });
    const isSilent = machine.isSilent(nowMs);
    put(this.#state, isSilent ? `silent since ${timeOfDay(machine.seenMs)}` : "live");
    this.element.classList.toggle("silent", isSilent);
    this.element.classList.toggle("chosen", isChosen);
    this.button.setAttribute("aria-pressed", String(isChosen));
    this.button.tabIndex = isChosen ? 0 : -1; // of all machines one is a stop of the tab key
  }
}

export class Table {
  chosen = "";
  filter = "";
  readonly #rows = new Map<string, Row>();
  #column: Column | undefined; // none: by name
  #order = "";
  #sortedMs = 0;

  constructor(
    readonly fleet: Fleet,
    readonly element: HTMLTableElement,
    readonly onChoice: () => void,
  ) {
    const byName = this.#header("Machine", undefined);
    const state = document.createElement("th");
    state.scope = "col";
    state.textContent = "State";
    const others = COLUMNS.map((column) => this.#header(column.title, column));
    element.tHead!.rows[0]!.append(byName, state, ...others);
    this.#body.addEventListener("click", ({ target }) => {
      const row = (target as Element).closest("tr");
      if (row) this.choose(row.querySelector("button")!.textContent);
    });
    this.#body.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get #body(): HTMLTableSectionElement {
    return this.element.tBodies[0]!;
  }

  #header(title: string, column: Column | undefined): HTMLElement {
    const head = document.createElement("th");
    const button = document.createElement("button");
    head.scope = "col";
    if (!column) head.ariaSort = "ascending";
    button.textContent = title;
    button.addEventListener("click", () => {
      this.#column = column;
      for (const other of this.element.tHead!.querySelectorAll("th")) other.ariaSort = null;
      head.ariaSort = column ? "descending" : "ascending";
      this.sortSoon();
    });
    head.append(button);
    return head;
  }

  choose(name: string): void {
    this.chosen = name;
    this.onChoice();
  }

  sortSoon(): void {
    this.#sortedMs = 0;
    this.draw(Date.now());
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const row = (event.target as Element).closest("tr")!;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    const button = next?.querySelector("button");
    event.preventDefault();
    if (!button) return;
    this.choose(button.textContent);
    button.focus();
  }

  draw(nowMs: number): void {
    for (const machine of this.fleet.machines.values()) {
      const row = this.#rows.get(machine.name);
      if (row?.machine === machine) continue;
      this.#rows.set(machine.name, new Row(machine));
      this.#sortedMs = 0;
    }
    for (const [name, row] of this.#rows) {
      if (this.fleet.machines.get(name) === row.machine) row.draw(nowMs, name === this.chosen);
      else this.#rows.delete(name);
    }
    if (nowMs - this.#sortedMs >= SORT_EVERY_MS) this.#sort(nowMs);
  }

  #sort(nowMs: number): void {
    this.#sortedMs = nowMs;
    const value = (row: Row) => this.#column?.value(row.machine.figures, row.machine) || 0;
    const rows = [...this.#rows.values()]
      .filter((row) => row.machine.name.includes(this.filter))
      .sort((a, b) => value(b) - value(a) || a.machine.name.localeCompare(b.machine.name, "en"));
    const order = rows.map((row) => row.machine.name).join("/");
    if (order === this.#order && rows.length === this.#body.rows.length) return;
    this.#order = order;
    const focused = document.activeElement as HTMLElement | null;
    this.#body.replaceChildren(...rows.map((row) => row.element));
    if (focused && this.#body.contains(focused)) focused.focus({ preventScroll: true });
  }
}
