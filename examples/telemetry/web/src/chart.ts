// The last minutes of one machine.
import uPlot from "uplot";
import { type Figures, HISTORY_SECONDS, type Machine, SILENT_AFTER_MS } from "./fleet.js";
import { percent, rate } from "./format.js";

interface Series {
  label: string;
  color: string; // a custom property of style.css
  scale: "percent" | "rate";
  dash?: number[];
  value(figures: Figures): number;
}

const SERIES: Series[] = [
  { label: "CPU", color: "--cpu", scale: "percent", value: (f) => f.cpuPercent },
  { label: "Memory", color: "--memory", scale: "percent", value: (f) => f.memoryPercent },
  { label: "Received", color: "--received", scale: "rate", value: (f) => f.receiveRate },
  { label: "Sent", color: "--sent", scale: "rate", dash: [6, 4], value: (f) => f.sendRate },
];
const STEPS = Array.from({ length: 12 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat();
const TEXT = { percent, rate };
const HEIGHT = 260;
const SECONDS_MIN = 60; // shown, from the beginning

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

function axis(scale: string, more: uPlot.Axis): uPlot.Axis {
  const font = "12px system-ui, sans-serif";
  const line = { stroke: () => color("--line"), width: 1 };
  return { scale, stroke: () => color("--quiet"), grid: line, ticks: line, font, ...more };
}

export class Chart {
  machine: Machine | undefined;
  readonly #plot: uPlot;
  readonly #values: HTMLElement[];
  #points: (number | null | undefined)[][] = SERIES.map(() => []);

  constructor(
    readonly element: HTMLElement,
    legend: HTMLElement,
  ) {
    this.#values = SERIES.map((series) => {
      const item = document.createElement("li");
      const value = document.createElement("output");
      value.ariaLive = "off"; // figures change all the time
      item.style.setProperty("--color", `var(${series.color})`);
      item.classList.toggle("dashed", series.dash !== undefined);
      item.append(`${series.label} `, value);
      legend.append(item);
      return value;
    });
    this.#plot = new uPlot(this.#options(), [[]], element);
    new ResizeObserver(() => this.#resize()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.#plot.redraw(false, true),
    );
  }

  #options(): uPlot.Options {
    const rates = { incrs: STEPS, side: 1, grid: { show: false }, size: 80 };
    return {
      width: 600,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false },
      scales: {
        percent: { range: [0, 100] },
        rate: { range: (_plot, _min, max) => [0, Math.max(1.1 * max, 1000)] },
      },
      axes: [
        axis("x", { values: "{HH}:{mm}:{ss}", space: 90, size: 30 }),
        axis("percent", { values: (_plot, ticks) => ticks.map(percent), size: 60 }),
        axis("rate", { values: (_plot, ticks) => ticks.map(rate), ...rates }),
      ],
      series: [
        {},
        ...SERIES.map(({ label, scale, color: name, dash }) => {
          const line = {
            label,
            scale,
            stroke: () => color(name),
            width: 2,
            points: { show: false },
          };
          return dash ? { ...line, dash } : line;
        }),
      ],
      hooks: { setCursor: [() => this.#tell()] },
    };
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (width > 0) this.#plot.setSize({ width, height: HEIGHT });
  }

  draw(nowMs: number): void {
    if (!this.machine) return;
    this.machine.look();
    const now = Math.floor(nowMs / 1000);
    const [first = now] = this.machine.history.keys();
    const length = Math.min(Math.max(now - first + 1, SECONDS_MIN), HISTORY_SECONDS);
    const seconds = Array.from({ length }, (_, i) => now - length + 1 + i);
    const figures = seconds.map((second) => this.machine!.history.get(second));
    const holes = longHoles(figures);
    this.#points = SERIES.map(({ value }) =>
      figures.map((f, i) => (f ? known(value(f)) : holes[i] ? null : undefined)),
    );
    this.#plot.setData([seconds, ...this.#points]);
    this.#tell();
  }

  /** Where the pointer is, or else the newest. */
  #tell(): void {
    const at = this.#plot?.cursor.idx;
    SERIES.forEach(({ scale, value }, i) => {
      const newest = this.machine ? value(this.machine.figures) : NaN;
      const shown = typeof at === "number" ? this.#points[i]![at] : known(newest);
      const text = typeof shown === "number" ? TEXT[scale](shown) : "–";
      if (this.#values[i]!.textContent !== text) this.#values[i]!.textContent = text;
    });
  }

  /** For who does not see it. */
  describe(): void {
    const ranges = SERIES.map(({ label, scale }, i) => {
      const all = this.#points[i]!.filter((point) => typeof point === "number");
      if (all.length === 0) return `${label} unknown`;
      const [low, high] = [Math.min(...all), Math.max(...all)].map(TEXT[scale]);
      return `${label} between ${low} and ${high}`;
    });
    const label = `Chart of ${this.machine?.name}, last 5 minutes: ${ranges.join(", ")}.`;
    if (this.element.ariaLabel !== label) this.element.ariaLabel = label;
  }
}

/** Where the machine was silent, and not this page busy. The line is drawn across shorter ones. */
function longHoles(figures: (Figures | undefined)[]): boolean[] {
  const holes = figures.map(() => true);
  let last = -1;
  figures.forEach((here, i) => {
    if (!here) return;
    if (last >= 0 && (i - last) * 1000 <= SILENT_AFTER_MS) holes.fill(false, last, i);
    last = i;
  });
  return holes;
}

const known = (value: number) => (Number.isNaN(value) ? null : value);
