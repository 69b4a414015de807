// Figures as people read them.

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** 1 234 567: "1.2 MB". */
export function bytes(count: number): string {
  let unit = 0;
  for (; count >= 999.5 && unit < UNITS.length - 1; ++unit) count /= 1000;
  return `${count.toFixed(unit > 0 && count < 9.95 ? 1 : 0)} ${UNITS[unit]}`;
}

export const rate = (perSecond: number): string => `${bytes(perSecond)}/s`;

export const percent = (share: number): string => `${share.toFixed(0)} %`;

export const count = (number: number): string => number.toLocaleString("en");

export const timeOfDay = (timeMs: number): string => new Date(timeMs).toTimeString().slice(0, 8);
