// How the page looks, and whether everybody can use it: axe-core finds nothing, by day and by night, on a desk
// and on a phone. The pictures are among the outputs of the test.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { say, sees, World } from "./support/world.js";

const PICTURES = process.env["TEST_UNDECLARED_OUTPUTS_DIR"] ?? "/tmp/chat-pictures";
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let world: World;

beforeEach(async () => {
  mkdirSync(PICTURES, { recursive: true });
  world = await World.begin();
});

afterEach(async () => {
  await world.end();
  expect(world.errors).toEqual([]);
});

/** By axe-core, with a line for each element that breaks a rule. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document);
    return violations.flatMap(({ id, nodes }) => nodes.map((it) => `${id}: ${it.html}`));
  });
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${PICTURES}/${name}.png`, animations: "disabled" });
}

/** A room as it looks in the afternoon; the last one is seen by `viewer`. */
async function talk(viewer: Page, others: Page[]): Promise<void> {
  const [bob, eve, mia] = others as [Page, Page, Page];
  await say(bob, "Morning! The new build is on the test machines.");
  await say(bob, "Release notes: https://example.org/notes/1.4");
  await sees(viewer, "Release notes");
  await say(viewer, "Thanks, trying it now");
  await sees(eve, "trying it");
  await say(eve, "It feels faster. Did somebody change the cache, or is it just me?");
  await sees(mia, "feels faster");
  await say(mia, "That was me 🎉 reads go to the nearest copy now");
  await sees(viewer, "nearest copy");
  await say(viewer, "Very nice. I restarted the broker in the middle of it and nothing was lost.");
  await sees(bob, "nothing was lost");
  await say(eve, "Lunch at one?");
  await sees(viewer, "Lunch");
}

async function join(page: Page, room: string): Promise<void> {
  await page.evaluate(() => (document.getElementById("rooms") as HTMLElement).matches(":popover-open"));
  const toggle = page.getByRole("button", { name: /^Rooms/ });
  if (await toggle.isVisible()) await toggle.click();
  await page.getByLabel("Join a room").fill(room);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("h1").textContent()).toBe(room);
}

const DESK = { width: 1180, height: 720 };
const PHONE = { width: 390, height: 780 };

describe.each([
  { name: "desk-light", viewport: DESK, colorScheme: "light" },
  { name: "desk-dark", viewport: DESK, colorScheme: "dark" },
  { name: "phone-light", viewport: PHONE, colorScheme: "light" },
  { name: "phone-dark", viewport: PHONE, colorScheme: "dark" },
] as const)("$name", ({ name, viewport, colorScheme }) => {
  test("is for everybody", async () => {
    const look = { viewport, colorScheme, reducedMotion: "reduce" } as const;
    const page = await world.stranger(look);
    await page.addScriptTag({ path: AXE }).catch(() => {});
    if (!(await page.evaluate(() => "axe" in globalThis))) throw new Error("no axe");
    expect(await violations(page)).toEqual([]);
    await picture(page, `${name}-welcome`);
  });
});
