// The scenarios of conformance_test.ts once more, in a page.
import { describe, test } from "vitest";
import { SCENARIOS } from "./conformance/scenarios.js";
import { inPage } from "./support/harness.js";

/** They need a reader that stops reading, and a page cannot. */
const NOT_IN_A_PAGE = ["overflow", "gaps"];

describe.runIf(inPage)("in a page", () => {
  for (const [id, scenario] of Object.entries(SCENARIOS)) {
    test.skipIf(NOT_IN_A_PAGE.includes(id))(id, scenario);
  }
});
