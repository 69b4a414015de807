// People chat with the page that a broker serves over https: it comes with the policy of its content,
// and connects with wss to where it came from.
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { launchChromium } from "../../clients/typescript/support/chromium.js";
import { encryption } from "../web/encryption.js";
import { worldForEach } from "../web/world_for_each.js";
import { config, said, say, sees, World } from "./support/world.js";

let world: World;
worldForEach(
  async () => World.begin(config(), await encryption()),
  (begun) => (world = begun),
);

test("two people chat over wss", async () => {
  const sockets: string[] = [];
  const prepare = async (page: Page) => void page.on("websocket", (it) => sockets.push(it.url()));
  const ann = await world.enter(await world.open({ prepare }), "ann");
  const bob = await world.enter(await world.open({ prepare }), "bob");
  const place = world.broker.url.replace("wss://", "");
  expect(await ann.evaluate(() => location.origin)).toBe(`https://${place}`);
  expect(await ann.evaluate(() => isSecureContext)).toBe(true);
  await say(ann, "hello bob");
  await sees(bob, "hello bob");
  await say(bob, "hello ann");
  await sees(ann, "hello ann");
  for (const page of [ann, bob]) expect(await said(page)).toEqual(["hello bob", "hello ann"]);
  expect(sockets.map((url) => url.replace(/\/$/, ""))).toEqual([
    `wss://${place}`,
    `wss://${place}`,
  ]);
});

test("a connection that breaks comes back without a hole or a repeat", async () => {
  const ann = await world.person("ann");
  const bob = await world.person("bob");
  await say(ann, "before");
  await sees(bob, "before");
  const { brokerPort } = world.broker.relay;
  world.broker.relay.brokerPort = 1; // where nobody is
  world.broker.relay.cut();
  for (const page of [ann, bob]) await page.getByText("Connection lost").waitFor();
  await say(ann, "said without a connection");
  world.broker.relay.brokerPort = brokerPort;
  for (const page of [ann, bob]) {
    await page.getByText("Back: nothing was missed").waitFor();
    await expect.poll(() => said(page)).toEqual(["before", "said without a connection"]);
  }
});

test("the policy lets a page connect to where it came from, and to nowhere else", async () => {
  const page = await world.person("ann");
  const blockedBy = (url: string) =>
    page.evaluate(async (address) => {
      const blocked = new Promise<string>((resolve) =>
        addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)),
      );
      const socket = new WebSocket(address, "esockets.v1");
      const opened = new Promise<string>((resolve) => (socket.onopen = () => resolve("open")));
      return Promise.race([blocked, opened]);
    }, url);
  expect(await blockedBy(world.broker.url)).toBe("open");
  expect(await blockedBy("wss://127.0.0.1:1")).toBe("connect-src");
  // The console says the same.
  expect(world.complaints.splice(0).join()).toContain("Content Security Policy");
});

test("a browser that was not told to trust the broker does not show the page", async () => {
  const browser = await launchChromium();
  world.atEnd(() => browser.close());
  const page = await browser.newPage();
  const shown = page.goto(`${world.broker.url.replace("wss", "https")}/chat/`);
  await expect(shown).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
});
