// What the page says of its connection.
import type { Client, State } from "@esockets/client";
import { byId } from "./words.js";

let isLost = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** `isMissing`: not all of what was said while the connection was lost has come. */
export function tellState(client: Client, state: State, isMissing: boolean, why = ""): void {
  clearTimeout(timer);
  if (state === "waiting") countDown(client);
  if (state === "waiting" && !isLost) show("lost", "Connection lost. What you write will wait.");
  if (state === "closed") show("lost", `Not connected any more: ${why}`);
  if (state === "connected" && isLost) {
    show("back", `Back: ${isMissing ? "not everything is there any more" : "nothing was missed"}.`);
    byId("banner-wait").textContent = "";
    timer = setTimeout(() => (byId("banner").hidden = true), 6000);
  }
  isLost = state !== "connected" && (isLost || state === "waiting");
}

// For the eye alone: nobody wants to hear it each second.
function countDown(client: Client): void {
  byId("banner-wait").textContent = `Trying again in ${Math.ceil(client.retryInMs / 1000)} s …`;
  timer = setTimeout(countDown, 250, client);
}

function show(className: string, text: string): void {
  Object.assign(byId("banner"), { hidden: false, className });
  byId("banner-text").textContent = text;
}
