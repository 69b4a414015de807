// The telemetry page, as people use it: with agents, under load, without its broker, by keyboard.
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { violations } from "../web/axe.js";
import { worldForEach } from "../web/world_for_each.js";
import { picture } from "../web/pictures.js";
import { hostName, Load } from "./support/load.js";
import { World } from "./support/world.js";

const MACHINES = 200;

let world: World;
worldForEach(
  () => World.begin(),
  (begun) => (world = begun),
);

const row = (page: Page, host: string) =>
  page.locator("tbody tr").filter({ has: page.getByRole("button", { name: host, exact: true }) });

const clockTime = (timeMs: number) => new Date(timeMs).toTimeString().slice(0, 8);

const numberIn = async (page: Page, id: string) =>
  Number((await page.locator(`#${id}`).textContent())!.replaceAll(",", ""));

/** Of a machine's row; one that is not published any more falls silent sooner or later. */
const cpuText = (percent: number) => new RegExp(`(live|silent since [\\d:]{8})${percent} %`);

/** Waits until the text of the first element of this selector matches. */
function shows(page: Page, selector: string, pattern: string) {
  return page.waitForFunction(
    ([where, what]) => new RegExp(what!).test(document.querySelector(where!)?.textContent ?? ""),
    [selector, pattern],
  );
}

const state = (page: Page, name: string) => page.locator(`#state[data-state="${name}"]`).waitFor();

/** The page's only thread does nothing else for so long. */
const stall = (page: Page, ms: number) =>
  page.evaluate((duration) => {
    for (const end = performance.now() + duration; performance.now() < end;);
  }, ms);

/** The broker tells when the page has caught up; perhaps it was not stalled for long enough. */
const isConflatedBeyond = (page: Page, messages: number) =>
  page
    .waitForFunction(
      (before) =>
        Number(document.querySelector("#conflated")!.textContent.replaceAll(",", "")) > before,
      messages,
      { timeout: 5000 },
    )
    .then(
      () => true,
      () => false,
    );

/** Of all machines once, by a publisher that has gone. */
async function leaveLastValues(): Promise<void> {
  const client = await world.client();
  new Load(client, MACHINES).sample();
  await client.close();
}

test("real machines, live", async () => {
  const page = await world.look();
  for (const host of ["alpha", "beta"]) {
    world.startAgent(host);
    const text = row(page, host);
    await text.filter({ hasText: /live\d+ %\d+\.\d\d[\d.]+ GB of [\d.]+ GB.*B\/s/ }).waitFor();
  }
  // The first that it heard of.
  expect(await page.locator("#chosen").textContent()).toBe("alpha");
  await shows(page, "#rate", "^[1-9]");
  const label = await page.waitForFunction(
    () =>
      /alpha.*CPU between \d+ % and/.exec(document.querySelector("#chart")!.ariaLabel ?? "")?.[0],
  );
  expect(await label.jsonValue()).toContain("alpha");
  const drawn = await page.locator("#chart canvas").evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((_, i) => i % 4 === 3 && data[i]! > 0).length;
  });
  expect(drawn).toBeGreaterThan(1000);
});

test("last values come first, and silence is told", async () => {
  const seconds = [clockTime(Date.now())];
  await leaveLastValues();
  seconds.push(clockTime(Date.now()));
  const page = await world.look({}, Date.now() + 60_000); // a minute later
  await shows(page, "#machines", `^${MACHINES}$`);
  expect(await page.locator("tbody tr").count()).toBe(MACHINES);
  expect(await page.locator("tbody td", { hasText: "–" }).count()).toBe(0);
  await shows(page, "#silent", `^${MACHINES}$`);
  const silent = row(page, hostName(7)).filter({ hasText: "silent since" });
  const since = /silent since ([\d:]{8})/.exec((await silent.textContent())!)![1]!;
  expect([...seconds, since].sort()[1]).toBe(since); // they were published then

  const load = new Load(await world.client(), MACHINES);
  load.cpu(7, 42);
  await row(page, hostName(7))
    .filter({ hasText: cpuText(42) })
    .waitFor();
  await shows(page, "#silent", `^${MACHINES - 1}$`);
  load.goodbye(7);
  await shows(page, "#machines", `^${MACHINES - 1}$`);
  await row(page, hostName(7)).waitFor({ state: "detached" });
});

test("under load: 200 machines, each 50 times a second", async () => {
  const client = await world.client();
  const load = new Load(client, MACHINES);
  load.sample();
  const page = await world.look({ colorScheme: "light" });
  await shows(page, "#machines", `^${MACHINES}$`);
  load.start();
  world.atEnd(() => load.stop());

  // It stays usable: a click counts, figures move.
  await row(page, hostName(2)).click();
  await shows(page, "#chosen", `^${hostName(2)}$`);
  const text = await row(page, hostName(2)).textContent();
  await page.waitForFunction(
    ([host, before]) =>
      [...document.querySelectorAll("tbody tr")].some(
        (one) => one.querySelector("button")!.textContent === host && one.textContent !== before,
      ),
    [hostName(2), text],
  );
  await shows(page, "#rate", "^[1-9],?\\d\\d\\d");
  await picture(page, "telemetry_load_light");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "telemetry_load_dark");

  // While the page does something else, newer figures take the place of older ones.
  const before = await numberIn(page, "conflated");
  do {
    await stall(page, 4000);
    expect(await numberIn(page, "lost")).toBe(0);
  } while (!(await isConflatedBeyond(page, before)));
  await picture(page, "telemetry_conflated");

  load.stop();
  for (let i = 0; i < MACHINES; ++i) load.cpu(i, i % 100);
  await client.flush();
  for (const i of [0, 42, MACHINES - 1]) {
    await row(page, hostName(i))
      .filter({ hasText: cpuText(i % 100) })
      .waitFor();
  }
  expect(await numberIn(page, "lost")).toBe(0);
  const late = await world.look();
  await row(late, hostName(42))
    .filter({ hasText: cpuText(42) })
    .waitFor();
  expect(await late.locator("tbody tr").count()).toBe(MACHINES);
}, 240_000);

test("a broker that dies and comes back", async () => {
  world.startAgent("alpha");
  const page = await world.look();
  await row(page, "alpha").filter({ hasText: "live" }).waitFor();
  await state(page, "connected");
  await world.broker.stop("SIGKILL");
  await state(page, "waiting");
  await shows(page, "#state", "trying again");
  await row(page, "alpha").filter({ hasText: "silent since" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, "telemetry_broker_away");
  await world.broker.start();
  await state(page, "connected");
  await row(page, "alpha").filter({ hasText: "live" }).waitFor();
});

test("a broker that refuses tells why", async () => {
  const strict = await World.begin("limits { topic_levels_max: 2 }");
  try {
    const page = await strict.look();
    await shows(
      page,
      '#state[data-state="closed"]',
      "^The broker gives no figures: .*levels.*\\.$",
    );
    expect(strict.complaints).toEqual([]);
  } finally {
    await strict.end();
  }
});

test("by keyboard: choose, sort, filter", async () => {
  await leaveLastValues();
  const page = await world.look();
  await shows(page, "#machines", `^${MACHINES}$`);
  const names = await page.locator("tbody button").allTextContents();
  expect(names).toEqual([...names].sort());
  await page.locator("tbody button").first().focus();
  await page.keyboard.press("ArrowDown");
  await shows(page, "#chosen", `^${names[1]}$`);
  await page.locator(`tbody tr:nth-child(2) button[aria-pressed="true"][tabindex="0"]`).waitFor();
  await page.getByRole("button", { name: "CPU" }).press("Enter");
  await page.locator('th[aria-sort="descending"]', { hasText: "CPU" }).waitFor();
  const cpu = (await page.locator("tbody td:nth-child(3)").allTextContents()).map(parseFloat);
  expect(cpu).toEqual([...cpu].sort((a, b) => b - a));
  await page.getByLabel("Filter").fill("db-0");
  await expect.poll(() => page.locator("tbody tr").count()).toBe(9);
});

describe.each(["light", "dark"] as const)("accessible: %s", (colorScheme) => {
  test("axe-core finds nothing", async () => {
    const empty = await world.look({ colorScheme });
    await state(empty, "connected");
    expect(await violations(empty)).toEqual([]);
    await leaveLastValues();
    const page = await world.look({ colorScheme }, Date.now());
    await shows(page, "#machines", `^${MACHINES}$`);
    await page.locator("#history").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.clock.fastForward(10_000);
    await shows(page, "#silent", `^${MACHINES}$`);
    expect(await violations(page)).toEqual([]);
    await picture(page, `telemetry_silent_${colorScheme}`);
  });
});
