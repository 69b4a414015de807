// Ends the process when every test has ended: in browser mode vitest waits for connections that
// pages have left open.
import type { Reporter, TestRunEndReason } from "vitest/reporters";

const GRACE_MS = 5000; // for the summary, and for Chromium to go

export default class ExitAtEnd implements Reporter {
  onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): void {
    setTimeout(() => process.exit(reason === "passed" ? 0 : 1), GRACE_MS);
  }
}
