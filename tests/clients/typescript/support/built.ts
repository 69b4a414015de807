// What Bazel has built: among a test's runfiles, or else in the workspace.
import { resolve } from "node:path";

export const built = (path: string) =>
  resolve(process.env["ESOCKETS_RUNFILES"] ?? "bazel-bin", path);
