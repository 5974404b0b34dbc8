import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const fixtures = join(import.meta.dirname, "../../fixtures/inspect");
const folder = mkdtempSync(join(tmpdir(), "nightshift-mutations-"));
const program = join(folder, "program.mjs");
const at = (name: string): string => join(fixtures, name);

beforeAll(() => buildSync({
  entryPoints: [join(import.meta.dirname, "mutations-program.ts")], bundle: true, platform: "node", format: "esm", target: "node20", outfile: program, logLevel: "warning",
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
}));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly refused: number;
  /** With the numbers of the log as it was. */
  readonly same: number;
  /** With other numbers, but with a warning. */
  readonly told: number;
  readonly wrong: readonly string[];
  readonly peakMiB: number;
}

describe("a log that is cut off, wherever that is,", () => {
  test.each(["0.3.285/success.eval", "0.3.60/success.eval", "0.3.285/started.eval"])("%s is refused, with a reason", (name) => {
    const { refused, same, wrong, peakMiB } = run("prefixes", 0, at(name));
    expect({ wrong, same, isEvery: refused > 2000 }).toEqual({ wrong: [], same: 0, isEvery: true });
    expect(peakMiB).toBeLessThan(200);
  });

  test("a .json log is refused, or says the same once its header is whole, which stands before its samples", () => {
    const { refused, same, wrong, peakMiB } = run("prefixes", 0, at("0.3.285/2026-11-21T00-00-00_json.json"));
    expect({ wrong, isBoth: refused > 1000 && same > 1000 }).toEqual({ wrong: [], isBoth: true });
    expect(peakMiB).toBeLessThan(200);
  });
});

test("10,000 logs with flipped bits are refused, or say the same numbers, or say that something is wrong", () => {
  const logs = ["success", "binary", "scorers", "epochs", "nan", "error", "cancelled", "tolerated", "started"].flatMap((name) => [at(`0.3.285/${name}.eval`), at(`0.3.60/${name}.eval`)]);
  const { refused, same, told, wrong, peakMiB } = run("flips", 10_000, ...logs);
  expect(wrong).toEqual([]);
  expect(refused + same + told).toBeGreaterThanOrEqual(10_000);
  expect(Math.min(refused, same)).toBeGreaterThan(1000);
  expect(peakMiB).toBeLessThan(200);
}, 250_000);

function run(kind: "prefixes" | "flips", count: number, ...logs: readonly string[]): Outcome {
  return JSON.parse(execFileSync(process.execPath, [program, kind, String(count), ...logs], { encoding: "utf8", timeout: 240_000, maxBuffer: 2 ** 26 })) as Outcome;
}
