// A program under test, and what it prints, line by line.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { built } from "./built.js";

export class Program {
  readonly #path: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, ...flags: string[]) {
    this.#path = path;
    this.#process = spawn(built(path), flags, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  type(line: string): void {
    this.#process.stdin!.write(`${line}\n`);
  }

  /** Reads up to the next line that matches, however long that takes. */
  async expect(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.#path} ended without ${pattern}`);
      const match = pattern.exec(value);
      if (match) return match;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Returns when it is gone. Again: no effect. */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill(signal);
    await gone;
  }
}
