// "N passed, N failed": the last line of a suite.
import type { Reporter, TestModule } from "vitest/node";

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const failed =
      count("failed") + errors.length + modules.filter((m) => m.errors().length).length;
    console.log(`${count("passed")} passed, ${failed} failed`);
  }
}
