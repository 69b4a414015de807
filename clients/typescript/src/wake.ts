// Events of a page that tell when it is worth looking at the connection: none of it in Node.

interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
  readonly visibilityState?: string;
}

/**
 * Calls `wake` when the network has come back (true), and when somebody looks at the page again
 * (false), until the function that it returns is called.
 */
export function onWake(wake: (isNetworkBack: boolean) => void): () => void {
  const page = globalThis as unknown as Partial<EventSource> & { document?: EventSource };
  const shown = page.document;
  if (!page.addEventListener || !shown) return () => {};
  const online = () => wake(true);
  const visible = () => {
    if (shown.visibilityState === "visible") wake(false);
  };
  page.addEventListener("online", online);
  shown.addEventListener("visibilitychange", visible);
  return () => {
    page.removeEventListener!("online", online);
    shown.removeEventListener("visibilitychange", visible);
  };
}
