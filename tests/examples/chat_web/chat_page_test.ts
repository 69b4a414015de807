// People chat, with the page that a broker serves.
import { readdirSync, readFileSync } from "node:fs";
import { Client } from "@esockets/client";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { worldForEach } from "../web/world_for_each.js";
import { config, said, say, sees, World } from "./support/world.js";

let world: World;
worldForEach(
  () => World.begin(),
  (begun) => (world = begun),
);

function count(page: Page): Promise<string | null> {
  return page.locator("#count").textContent();
}

async function countIs(page: Page, people: number): Promise<void> {
  await expect.poll(() => count(page)).toBe(String(people));
}

async function join(page: Page, room: string): Promise<void> {
  await page.getByLabel("Join a room").fill(room);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("h1").textContent()).toBe(room);
}

describe("three people", () => {
  test("hear each other, and see who is there and who is typing", async () => {
    const ann = await world.person("ann");
    const bob = await world.person("bob");
    const eve = await world.person("eve");
    for (const page of [ann, bob, eve]) await countIs(page, 3);
    await sees(ann, "bob has joined", ".note");

    await bob.getByLabel("Message", { exact: true }).pressSequentially("hel");
    for (const page of [ann, eve]) {
      await expect.poll(() => page.locator("#typing").textContent()).toBe("bob is typing …");
    }
    await say(bob, "hello all");
    await sees(eve, "hello all");
    await expect.poll(() => eve.locator("#typing").textContent()).toBe("");
    await say(eve, "hello bob");
    for (const page of [ann, bob, eve]) {
      await sees(page, "hello bob");
      expect(await said(page)).toEqual(["hello all", "hello bob"]);
    }
    expect(await eve.locator(".own").count()).toBe(1);

    await eve.close();
    await sees(ann, "eve has left", ".note");
    await countIs(ann, 2);
  });

  test("come later and see what was said; it is theirs again after a reload", async () => {
    const ann = await world.person("ann");
    for (let i = 0; i < 60; ++i) await say(ann, `line ${i}.`);
    await expect.poll(() => said(ann)).toHaveLength(60);
    await ann.reload();
    await sees(ann, "line 59.");
    const last50 = Array.from({ length: 50 }, (_, i) => `line ${i + 10}.`);
    await expect.poll(() => said(ann)).toEqual(last50);
    expect(await ann.locator(".own").count()).toBe(50);
    const bob = await world.person("bob");
    await expect.poll(() => said(bob)).toEqual(last50);
    expect(await bob.locator(".own").count()).toBe(0);
  });

  test("have rooms, with what is unread", async () => {
    const ann = await world.person("ann");
    const bob = await world.person("bob");
    await join(bob, "tea");
    await say(ann, "nobody in tea hears this");
    await expect.poll(() => bob.title()).toBe("(1) tea – Chat");
    expect(await said(bob)).toEqual([]);
    const tab = bob.locator(".room", { hasText: "lobby" });
    expect(await tab.getAttribute("data-unread")).toBe("1");
    await tab.click();
    await sees(bob, "nobody in tea");
    await expect.poll(() => bob.title()).toBe("lobby – Chat");
    await bob.getByRole("button", { name: "Leave" }).click();
    await expect.poll(() => bob.locator("h1").textContent()).toBe("tea");
    await sees(ann, "bob has left", ".note");
  });

  test("stay where they read, and are told of what is new", async () => {
    const ann = await world.person("ann");
    const bob = await world.person("bob");
    for (let i = 0; i < 40; ++i) await say(ann, `line ${i}.`);
    await sees(bob, "line 39.");
    await bob.locator(".log:not([hidden])").evaluate((log) => (log.scrollTop = 0));
    await expect.poll(() => bob.locator(".log:not([hidden])").evaluate((l) => l.scrollTop)).toBe(0);
    await say(ann, "far below");
    const newer = bob.getByRole("button", { name: "New messages" });
    await newer.waitFor();
    expect(await bob.locator(".log:not([hidden])").evaluate((log) => log.scrollTop)).toBe(0);
    await newer.click();
    await newer.waitFor({ state: "hidden" });
    await expect.poll(() => bob.getByText("far below").isVisible()).toBe(true);
  });
});

test("somebody at a terminal is in the same room", async () => {
  const ann = await world.person("ann");
  const bob = await world.personAtTerminal("bob");
  await bob.expect(/\* 2 here: bob ann$/);
  await sees(ann, "bob has joined", ".note");
  await countIs(ann, 2);

  bob.type("hello from the terminal");
  await sees(ann, "hello from the terminal");
  expect(await ann.locator(".message .name").allTextContents()).toEqual(["bob"]);
  await say(ann, "hello from the page");
  await bob.expect(/ann: hello from the page$/);
  bob.type("/nick rob");
  await sees(ann, "bob is now rob", ".note");

  const eve = await world.person("eve");
  await bob.expect(/\* eve has joined$/);
  await eve.close();
  await bob.expect(/\* eve has left$/);
  bob.type("/quit");
  await sees(ann, "bob has left", ".note");
  await countIs(ann, 1);
});

test("what others write is text", async () => {
  const nasty = `<img src=x onerror="document.title='bad'"><script>alert(1)</script>`;
  const ann = await world.person("ann");
  const bob = await world.person("<b>bob</b>");
  await say(bob, nasty);
  await say(bob, "see https://example.org/a?b=c, and javascript:alert(1)");
  await sees(ann, "see https");
  expect((await said(ann))[0]).toBe(nasty);
  expect(await ann.locator("main img, main script, .log b b, aside b").count()).toBe(0);
  const links = ann.locator(".log a");
  expect(await links.count()).toBe(1);
  expect(await links.getAttribute("href")).toBe("https://example.org/a?b=c");
  expect(await ann.title()).toBe("lobby – Chat");
});

describe("the connection", () => {
  test("is there again when somebody comes back to the page", async () => {
    const ann = await world.person("ann");
    const bob = await world.person("bob");
    await ann.goto("about:blank");
    await sees(bob, "ann has left", ".note");
    await say(bob, "meanwhile");
    await ann.evaluate(() => history.back());
    await sees(ann, "meanwhile");
    await say(ann, "back again");
    await sees(bob, "back again");
  });

  test("breaks, and comes back without a hole or a repeat", async () => {
    const ann = await world.person("ann");
    const { page: bob, relay } = await world.personBehindRelay("bob");
    await say(ann, "before");
    await sees(bob, "before");
    relay.brokerPort = 1; // where nobody is
    relay.cut();
    await bob.getByText("Connection lost").waitFor();
    await bob.getByText(/Trying again in \d+ s/).waitFor();
    await say(ann, "meanwhile");
    await say(bob, "said without a connection");
    expect(await bob.locator(".pending").count()).toBe(1);
    relay.brokerPort = world.broker.port;
    await bob.getByText("Back: nothing was missed").waitFor();
    await sees(ann, "said without");
    const all = ["before", "meanwhile", "said without a connection"];
    for (const page of [ann, bob]) await expect.poll(() => said(page)).toEqual(all);
    expect(await bob.locator(".pending").count()).toBe(0);
  });

  test("ends with the broker, which is killed and forgets: the page says so", async () => {
    const ann = await world.person("ann");
    const bob = await world.person("bob");
    await say(ann, "before");
    await sees(bob, "before");
    await world.broker.stop("SIGKILL");
    for (const page of [ann, bob]) await page.getByText("Connection lost").waitFor();
    await say(ann, "said without a broker");
    await world.broker.start();
    for (const page of [ann, bob]) {
      await page.getByText("Back: not everything is there any more").waitFor();
      await sees(page, "not all there any more", ".gap");
      await expect.poll(() => said(page)).toEqual(["before", "said without a broker"]);
      await countIs(page, 2);
    }
    await say(bob, "here again");
    for (const page of [ann, bob]) {
      await expect
        .poll(() => said(page))
        .toEqual(["before", "said without a broker", "here again"]);
    }
  });

  test("stalls: what is said waits, and comes once", async () => {
    const ann = await world.person("ann");
    const bob = await world.person("bob");
    world.broker.signal("SIGSTOP");
    for (let i = 0; i < 20; ++i) await say(ann, `line ${i}.`);
    expect(await ann.locator(".pending").count()).toBe(20);
    world.broker.signal("SIGCONT");
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}.`);
    for (const page of [ann, bob]) await expect.poll(() => said(page)).toEqual(lines);
    expect(await ann.locator(".pending").count()).toBe(0);
  });
});

test("a page that stands still is told how many messages it has lost", async () => {
  await world.end();
  world = await World.begin(`${config(5)} websocket { deflate: false }`);
  const ann = await world.enter(await world.open({ address: world.address }), "ann");
  const client = await Client.connect({ address: world.address, webSocket: WebSocket });
  let go: () => void = () => {};
  ann.on("dialog", (dialog) => (go = () => void dialog.accept()));
  const standsStill = ann.waitForEvent("dialog");
  const isOver = ann.evaluate(() => alert("stop"));
  await standsStill;
  const total = 400; // in all more than browser, kernel and broker hold for her
  const text = "x".repeat(60_000);
  for (let i = 0; i < total; ++i) await client.publishAndWait("chat/lobby", `${i} ${text}`);
  go();
  await isOver;
  await sees(ann, "messages were lost here", ".gap");
  await sees(ann, `${total - 1} x`);
  const gaps = await ann.locator(".gap").allTextContents();
  const lost = gaps.reduce((sum, gap) => sum + Number(/^\d+/.exec(gap)![0]), 0);
  expect((await said(ann)).length + lost).toBe(total);
  await client.close();
}, 120_000);

test("a broker that does not tell who is there: the page says so, and works", async () => {
  await world.end();
  world = await World.begin(config().replace(/presence .*/, ""));
  const ann = await world.open();
  await world.sayName(ann, "ann");
  await sees(ann, "code 160", ".gap");
  await say(ann, "hello");
  await sees(ann, "hello");
  await join(ann, "tea");
  await sees(ann, "code 160", ".gap");
  await ann.getByRole("button", { name: "Leave" }).click();
  await expect.poll(() => ann.locator("h1").textContent()).toBe("lobby");
});

test("all of it is reached by keyboard", async () => {
  const page = await world.open();
  const isFocused = (id: string) =>
    expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe(id);
  await isFocused("name");
  await page.keyboard.press("Escape"); // a name is needed
  await isFocused("name");
  await page.keyboard.type("ann");
  await page.keyboard.press("Enter");
  await page.locator(".person").waitFor();
  await isFocused("text");
  await page.keyboard.type("first line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await expect.poll(() => said(page)).toEqual(["first line\nsecond line"]);

  const names: string[] = [];
  const nameOf = () => {
    const { id, className } = document.activeElement!;
    return id || className || document.activeElement!.textContent!;
  };
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.locator(".skip").focus();
  for (let i = 0; i < 8; ++i) {
    names.push(await page.evaluate(nameOf));
    await page.keyboard.press("Tab");
  }
  expect(names).toEqual(["skip", "room", "room", "Join", "me", "log", "text", "Send"]);

  await page.locator("#me").focus();
  await page.keyboard.press("Enter");
  await isFocused("name");
  await page.keyboard.press("Escape"); // and keep the old one
  await isFocused("me");
});

test("the page has at most 300 lines of code", () => {
  const folder = "examples/chat/web/src";
  const lines = readdirSync(folder).flatMap((name) =>
    readFileSync(`${folder}/${name}`, "utf8").split("\n"),
  );
  const isCode = (line: string) => !/^\s*(\/\/.*|\/?\*.*)?$/.test(line);
  expect(lines.filter(isCode).length).toBeLessThanOrEqual(300);
});
