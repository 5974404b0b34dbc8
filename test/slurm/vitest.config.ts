import { join } from "node:path";

import { defineConfig } from "vitest/config";

/** The tests on a real SLURM, which plain `vitest run` does not see: `*.slurm.ts`. */
// oxlint-disable-next-line import/no-default-export -- that is how Vitest finds it
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    include: ["test/slurm/**/*.slurm.ts"],
    globalSetup: [join(import.meta.dirname, "clusters.ts")],
    maxWorkers: 2,
    hookTimeout: 300_000,
    testTimeout: 300_000,
  },
});
