import { defineConfig } from "vitest/config";

/** What holds for all tests but those with a configuration of their own. */
// oxlint-disable-next-line import/no-default-export -- that is how Vitest finds it
export default defineConfig({
  // Hooks start whole nightshifts, as tests do: on a busy machine the 10 s that Vitest gives them are not enough.
  test: { hookTimeout: 60_000 },
});
