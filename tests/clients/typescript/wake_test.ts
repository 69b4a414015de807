import { afterEach, describe, expect, test, vi } from "vitest";
import { onWake } from "../../../clients/typescript/src/wake.js";

afterEach(() => void vi.unstubAllGlobals());

describe("wake", () => {
  test("tells of the network, and of who looks at the page", () => {
    const page = new EventTarget();
    const shown = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    vi.stubGlobal("document", shown);
    const told: boolean[] = [];
    const stop = onWake((isNetworkBack) => told.push(isNetworkBack));
    page.dispatchEvent(new Event("online"));
    shown.dispatchEvent(new Event("visibilitychange"));
    shown.visibilityState = "visible";
    shown.dispatchEvent(new Event("visibilitychange"));
    expect(told).toEqual([true, false]);
    stop();
    page.dispatchEvent(new Event("online"));
    shown.dispatchEvent(new Event("visibilitychange"));
    expect(told).toEqual([true, false]);
  });

  test("there is no page in Node", () => {
    onWake(() => expect.unreachable())();
  });
});
