import { join } from "node:path";

import { defineConfig } from "vitest/config";

/** What is held against inspect-ai's frozen logs, held against logs that several real versions of it have just made. */
// oxlint-disable-next-line import/no-default-export -- that is how Vitest finds it
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    include: ["test/evaluators/inspect/fixtures.test.ts", "test/evaluators/inspect/log/recompute-scores.test.ts"],
    globalSetup: [join(import.meta.dirname, "make-logs.ts")],
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
