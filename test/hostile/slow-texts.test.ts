import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSync } from "esbuild";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "nightshift-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

// In a process of its own, because a pattern that goes back over a text for hours cannot be interrupted. One such parser
// alone would take longer than all of them may.
test("no text of a few thousand characters keeps a parser busy, whatever is repeated in it", () => {
  const program = join(folder, "program.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "slow-texts-program.ts")], bundle: true, platform: "node", format: "esm", target: "node20", outfile: program, logLevel: "warning",
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  expect(execFileSync(process.execPath, [program], { encoding: "utf8", timeout: 90_000 })).toMatch(/32 parsers, \d+ pieces\n$/u);
}, 100_000);
