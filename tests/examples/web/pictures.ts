// Where a test leaves its pictures: among its outputs.
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";

const FOLDER = process.env["TEST_UNDECLARED_OUTPUTS_DIR"] ?? join(tmpdir(), "pictures");

export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
