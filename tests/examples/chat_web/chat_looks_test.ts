// How the page looks, and whether everybody can use it: axe-core finds nothing, by day and by night, on a desk
// and on a phone. The pictures are among the outputs of the test.
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { violations } from "../web/axe.js";
import { worldForEach } from "../web/world_for_each.js";
import { picture } from "../web/pictures.js";
import { say, sees, World } from "./support/world.js";

let world: World;
worldForEach(
  () => World.begin(),
  (begun) => (world = begun),
);

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
  await say(mia, "That was me: reads go to the nearest copy now");
  await sees(viewer, "nearest copy");
  await say(viewer, "Very nice. I restarted the broker in the middle of it and nothing was lost.");
  await sees(bob, "nothing was lost");
  await say(eve, "Lunch at one?");
  await sees(viewer, "Lunch");
}

async function join(page: Page, room: string): Promise<void> {
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
    const page = await world.open({
      options: { viewport, colorScheme, reducedMotion: "reduce" },
    });
    const look = async (what: string): Promise<void> => {
      expect(await violations(page), what).toEqual([]);
      await picture(page, `${name}-${what}`);
    };
    await look("welcome");
    await page.keyboard.type("ann");
    await page.keyboard.press("Enter");
    await page.locator(".person").waitFor({ state: "attached" });
    await look("empty");

    const others = [];
    for (const other of ["bob", "eve", "mia"]) others.push(await world.person(other));
    await join(page, "release");
    await join(page, "tea");
    for (const other of others) await join(other, "release");
    await page.locator(".room", { hasText: "lobby" }).dispatchEvent("click");
    await say(others[0]!, "1.4 is out");
    await others[1]!.locator(".room", { hasText: "lobby" }).click();
    for (const other of others) await other.locator(".room", { hasText: "lobby" }).click();
    await talk(page, others);
    await others[2]!.getByLabel("Message", { exact: true }).pressSequentially("ye");
    await page.getByText("mia is typing").waitFor();
    await look("chat");

    if (viewport === PHONE) {
      for (const side of [/^Rooms/, /here$/]) {
        await page.getByRole("button", { name: side }).click();
        await page.locator(":popover-open").waitFor();
        await look(String(side).replace(/\W/g, "").toLowerCase());
        await page.keyboard.press("Escape");
      }
    }
    await world.broker.stop("SIGKILL");
    await page.getByText("Connection lost").waitFor();
    await say(page, "One is fine. And something very long: " + "abcdefghij".repeat(12));
    await look("lost");
    await world.broker.start();
    await page.getByText("Back: ").waitFor();
    await sees(page, "One is fine");
    await look("back");
  });
});
