// One scenario for each feature of tests/conformance/features.json, against the real broker, and the
// column of this client in the table of clients/README.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { SCENARIOS, type Scenario } from "./conformance/scenarios.js";
import { vectors } from "./conformance/vectors.js";

/** What this client does not have: why. */
const NOT_HERE = "a WebSocket is what browsers and Node share";

const FEATURES: Record<string, Scenario | string> = {
  ...SCENARIOS,
  tcp: NOT_HERE,
  unix: NOT_HERE,
  vectors,
};

describe("conformance", () => {
  const outcome: Record<string, string> = {};

  for (const [id, scenario] of Object.entries(FEATURES)) {
    if (typeof scenario === "string") {
      outcome[id] = `no: ${scenario}`;
      continue;
    }
    test(id, async () => {
      await scenario();
      outcome[id] = "yes";
    });
  }

  afterAll(() => {
    const folder = process.env["TEST_UNDECLARED_OUTPUTS_DIR"];
    if (!folder) return;
    const features = Object.fromEntries(
      Object.keys(FEATURES).map((id) => [id, outcome[id] ?? "no: its scenario has failed"]),
    );
    mkdirSync(folder, { recursive: true });
    const column = JSON.stringify({ client: "typescript", features }, null, 2);
    writeFileSync(join(folder, "features.json"), `${column}\n`);
  });
});
