import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";

import { zipFile } from "../evaluators/inspect/zip-files.ts";

const folder = mkdtempSync(join(tmpdir(), "nightshift-many-"));
const program = join(import.meta.dirname, "../../dist/nightshift.js");
afterAll(() => rmSync(folder, { recursive: true }));

// 60 MB of summaries, of which V8 may hold no more than 64 MB of objects at once.
describe("the 200,000 samples of a log are handed out one by one", () => {
  const many = 200_000;
  const log = join(folder, "many.eval");
  const input = "said and asked ".repeat(12);
  const results = { total_samples: many, completed_samples: many, scores: [{ name: "match", scorer: "match", scored_samples: many, unscored_samples: 0, metrics: { accuracy: { value: 0.5 } } }] };
  const summaries = Array.from({ length: many }, (_none, index) => JSON.stringify({ id: index + 1, epoch: 1, input: `${input}${index}`, target: "yes", scores: { match: { value: "C", answer: "yes" } } }));
  writeFileSync(log, zipFile([
    { name: "summaries.json", text: `[${summaries.join(",")}]`, method: 8 },
    { name: "header.json", text: JSON.stringify({ version: 2, status: "success", eval: { task: "many", model: "hf/local" }, results }) },
  ]));

  test.each([["--json", many, `{"path":"${log}","id":200000,`], ["--csv", many + 1, `${log},200000,1,`]])("as %s", async (form, lines, lastLine) => {
    const { stdout } = await execa(process.execPath, ["--max-old-space-size=64", program, "eval-log", log, "--samples", form], { maxBuffer: 2 ** 28 });
    const rows = stdout.split("\n");
    expect(rows).toHaveLength(lines);
    expect(rows.at(-1)?.slice(0, lastLine.length)).toBe(lastLine);
  });

  test("and not looked at for what the header says", async () => {
    const { stdout } = await execa(process.execPath, ["--max-old-space-size=64", program, "eval-log", log, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "success", accuracy: 0.5, samples: many });
  });
});
