// A world of its own for each test, of whose pages none may complain.
import { afterEach, beforeEach, expect } from "vitest";
import type { PageHost } from "./page_host.js";

export function worldForEach<World extends PageHost>(
  begin: () => Promise<World>,
  use: (world: World) => void,
): void {
  let world: World;
  beforeEach(async () => {
    world = await begin();
    use(world);
  });
  afterEach(async () => {
    await world.end();
    expect(world.complaints).toEqual([]);
  });
}
