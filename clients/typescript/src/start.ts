// Where in its stream a subscription begins.

/** The same words in the same order as the protocol's. */
export type StartAt = "now" | "afterPosition" | "time" | "last" | "lastOfEachTopic";

export const START_AT: readonly StartAt[] = [
  "now",
  "afterPosition",
  "time",
  "last",
  "lastOfEachTopic",
];

/** All but `now` are for filters within one stream; the broker refuses them of others. */
export class Start {
  /** Position, microseconds or messages. */
  readonly number: number;
  readonly epoch: number;
  readonly at: StartAt;

  private constructor(at: StartAt, number: number, epoch: number) {
    this.at = at;
    this.number = number;
    this.epoch = epoch;
  }

  /** With what is published from now on. */
  static now(): Start {
    return new Start("now", 0, 0);
  }

  /** Where somebody was before. `epoch`: which StreamStart told with the position. */
  static afterPosition(position: number, epoch: number): Start {
    return new Start("afterPosition", position, epoch);
  }

  /** With the first message since then. `timeUs`: microseconds since 1970 (UTC). */
  static atTime(timeUs: number): Start {
    return new Start("time", timeUs, 0);
  }

  /** With the last messages that match, at least one. */
  static last(messages: number): Start {
    return new Start("last", messages, 0);
  }

  /** With the last messages of each topic that matches, at least one. */
  static lastOfEachTopic(messages: number): Start {
    return new Start("lastOfEachTopic", messages, 0);
  }

  get isNow(): boolean {
    return this.at === "now";
  }
}
