// Holds a client back between two connections, until a test lets it go on: by the hook that gives it
// its token.

export class Gate {
  calls = 0;
  #open = Promise.resolve();
  #let: () => void = () => {};

  /** Of ClientOptions. */
  readonly token = async (): Promise<string> => {
    ++this.calls;
    await this.#open;
    return "";
  };

  close(): void {
    this.#open = new Promise((resolve) => (this.#let = resolve));
  }

  open(): void {
    this.#let();
  }
}
