import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { makeCluster } from "../support/fake-slurm/cluster.ts";
import { fast, hasTerminals, openWorkplace } from "../support/workplace.ts";
import { writeHostileExperiment } from "./hostile-experiment.ts";
import { dangersIn, givenAway, hostile, hostileName, secrets } from "./texts.ts";

// What scripts write is handed to them in a file: no shell has a say in it.
const place = openWorkplace();
const cluster = makeCluster(join(place.folder, "cluster"));
const words = join(place.folder, "words");
const log = join(place.folder, "log.json");
const environment = { LEDGER: place.ledger, WORDS: words, LOG: log, PATH: cluster.path };
const failing = join(place.root, `failing ${hostileName}`);
const invalid = join(place.root, `invalid ${hostileName}`);
const refused = join(place.root, "refused");
const everything = `${hostile} ${givenAway}`;

beforeAll(async () => {
  writeFileSync(words, `Running TestRecipe with resolved config:\nTraceback (most recent call last):\n  File "x"\nValueError: ${everything.replaceAll(/[\r\n\u2028]/gu, " ")}\n${everything}\nslurmstepd: error: ${givenAway}\n`);
  writeFileSync(log, JSON.stringify({
    version: 2, status: "error", error: { message: everything, traceback: everything, traceback_ansi: everything },
    eval: { task: everything, model: everything, created: "2099-01-01T00:00:00+00:00", dataset: { name: everything, samples: 20 }, config: {}, metadata: { epoch: 0, note: everything } },
    results: { total_samples: 20, completed_samples: 20, scores: [{ name: everything, scorer: everything, metrics: { accuracy: { name: everything, value: 0.5 }, [everything]: { name: everything, value: 1 } } }] }, stats: {},
  }));
  writeHostileExperiment(failing, {
    runs: ["good", "bad|`<script>"], task: "a|b `c` <script>", name: everything, question: everything, more: `${JSON.stringify(everything)}: ${JSON.stringify(everything)}`,
    training: 'if [ "${PWD##*/}" != good ]; then cat "$WORDS"; exit 3; fi', evaluation: 'mkdir -p logs; cp "$LOG" logs/2099-01-01T00-00-00-00-00_x.json; exit 0',
  });
  writeFileSync(join(failing, "good", `${hostileName}.slurm`), everything);
  writeFileSync(join(failing, "good", "finetune.yaml"), `output_dir: ${JSON.stringify(`\${${everything}}`)}\n? [${JSON.stringify(everything)}]\n: 1\n`);
  writeHostileExperiment(invalid, { runs: ["run"], name: everything });
  writeFileSync(join(invalid, "experiment_summary.yaml"), `experiment: {name: ${JSON.stringify(everything)}}\ntools: {preparation: ${JSON.stringify(everything)}, evaluation: ${JSON.stringify(everything)}}
runs:\n  - {name: ${JSON.stringify(everything)}, type: ${JSON.stringify(everything)}, ${JSON.stringify(everything)}: 1}
evaluation: {tasks: [${JSON.stringify(everything)}], matrix: [{run: ${JSON.stringify(everything)}, tasks: [${JSON.stringify(everything)}], epochs: [${JSON.stringify(everything)}]}]}\n`);
  writeFileSync(join(invalid, "nightshift.yaml"), `poll: ${JSON.stringify(everything)}\n${JSON.stringify(everything)}: 1\n`);
  mkdirSync(join(invalid, "logs"));
  writeFileSync(join(invalid, "logs", "run-torchtune.state.json"), JSON.stringify({ [everything]: { job_id: everything, state: everything, error: everything } }));
  writeHostileExperiment(refused, { runs: ["run"] });
  cluster.play({ faults: [{ program: "sbatch", isDeaf: true, exitCode: 1, stderr: `sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n${everything}\n` }], others: { count: 3, uid: process.getuid?.() ?? 0 } });
});
afterAll(cluster.end);

const local = [...fast];
const slurm = ["--settle", "100ms", "--poll", "1s", "--stagger", "0ms", "--scheduler", "slurm"];

describe("whatever files say, a terminal is not acted upon, and no secret is told:", () => {
  test.each<[string, readonly string[]]>([
    ["run", ["run", failing, ...local]],
    ["run of what is invalid", ["run", invalid, ...local]],
    ["run of what is refused", ["run", refused, ...slurm]],
    ["status", ["status", place.root]],
    ["check", ["check", failing]],
    ["check of what is invalid", ["check", invalid]],
    ["summarize", ["summarize", failing]],
    ["summarize of what is invalid", ["summarize", invalid]],
    ["hold", ["hold", failing]],
    ["retry", ["retry", failing]],
    ["cancel", ["cancel", join(failing, "good")]],
    ["release", ["release", invalid]],
    ["recover", ["recover", failing]],
    ["adopt", ["adopt", failing]],
    ["a run that there is none of", ["hold", join(failing, "nobody")]],
    ["a folder that is none", ["status", join(place.root, hostileName)]],
    ["watch --dry-run", ["watch", place.root, "--dry-run", ...local]],
  ])("%s", async (_what, parameters) => {
    const { out, err } = await place.nightshift(parameters, { env: environment });
    expect((out + err).length).toBeGreaterThan(10);
    expect(dangersIn(out + err)).toEqual([]);
    expect(`${out}${err}`.split("\n").filter((line) => /^(?:\[2026-11-21 12:00:00\]|Job ID: 666|\| forged)/u.test(line))).toEqual([]);
    expect(secretsIn(out + err)).toEqual([]);
  });

  // Programs are told a folder as it is, people as it can be shown.
  const [asItIs, shown] = [String.raw`failing pwn\u001b]0;title`, "failing pwnxx"];
  test.each<[string, readonly string[], string]>([
    ["status --json", ["status", place.root, "--json"], asItIs],
    ["run --log-format json", ["run", failing, ...local, "--log-format", "json"], asItIs],
    ["watch --log-format json", ["watch", place.root, "--dry-run", ...local, "--log-format", "json"], shown],
  ])("%s, which is still JSON", async (_what, parameters, folder) => {
    const { out, err } = await place.nightshift(parameters, { env: environment });
    expect([dangersIn(out), secretsIn(out + err)]).toEqual([[], []]);
    const documents = out.startsWith("{\n") ? [out] : out.trimEnd().split("\n");
    expect(documents.map((document) => typeof JSON.parse(document))).toEqual(documents.map(() => "object"));
    expect(out).toContain(folder);
  });

  test.skipIf(!hasTerminals)("a live table on a terminal", async () => {
    const { out } = await place.nightshift(["run", failing, ...local], { env: environment, onTerminal: true });
    expect(out).toContain("nightshift · running");
    // The table has codes of its own, to be drawn over itself.
    expect(["]0;title", "]8;;http", "[31;5m", "\u009B", "\u009D", "\u0007", "\u202E", "\u2066", "\u001Bc"].filter((code) => out.includes(code))).toEqual([]);
    expect(secretsIn(out)).toEqual([]);
  });
});

describe("what is written for people is what it looks like:", () => {
  const written = ["summary.md", "run-experiment.log", "run-torchtune.log", "run-inspect.log", "logs/summarize-experiment.log", "summarize-experiment.log"];
  const textOf = (name: string): string => {
    try {
      return readFileSync(join(failing, name), "utf8");
    } catch {
      return "";
    }
  };

  test("no codes, no secrets, no forged lines", () => {
    const text = written.map(textOf).join("\n");
    expect(text).toContain("pwn");
    expect([dangersIn(text), secretsIn(text), text.split("\n").filter((line) => /^(?:\[2026-11-21 12:00:00\]|Job ID: 666|\| forged|# forged)/u.test(line))]).toEqual([[], [], []]);
  });
  test("the rows of each table have as many cells as its head", () => {
    const tables = [...textOf("summary.md").matchAll(/(?:^\|.*\n)+/gmu)].map(([table]) => table.trimEnd().split("\n").map((row) => row.replaceAll(/\\./gu, "").split("|").length));
    expect(tables.length).toBeGreaterThan(1);
    for (const counts of tables) expect(new Set(counts).size).toBe(1);
  });
  test("nothing of it is HTML, a link or a picture", () => {
    const text = textOf("summary.md").replaceAll(/(?<!\\)(?<fence>`+)(?!`).*?(?<!`)\k<fence>(?!`)/gu, "");
    expect(text.replaceAll(/\\[<[]/gu, "").match(/<script|!?\[[^\]]*\]\(|\*\*bold\*\*/gu)).toBeNull();
  });
  test("each block of a log is a head and values, a line each", () => {
    for (const name of ["run-experiment.log", "run-torchtune.log", "run-inspect.log"]) {
      const blocks = textOf(name).split("\n\n").filter((block) => block.startsWith("["));
      expect(blocks.length).toBeGreaterThan(1);
      for (const block of blocks) expect(block.trimEnd().split("\n").slice(1).filter((line) => !/^[A-Z][A-Za-z ]*: \S/u.test(line))).toEqual([]);
    }
  });
  test("the state is JSON in which no secret stands", () => {
    const text = textOf("eval_jobs.json");
    expect(typeof JSON.parse(text)).toBe("object");
    expect(secretsIn(text)).toEqual([]);
  });
});

function secretsIn(text: string): readonly string[] {
  return secrets.map(([, secret]) => secret).filter((secret) => text.includes(secret));
}
