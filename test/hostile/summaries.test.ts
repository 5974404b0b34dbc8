import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { parseSummary } from "../../src/experiment/parse-summary.ts";
import { parseTrainingConfig } from "../../src/experiment/parse-training-config.ts";
import { parseYaml } from "../../src/experiment/parse-yaml.ts";
import { readExperiment } from "../../src/experiment/read-experiment.ts";
import { dangersIn } from "./texts.ts";

const good = "experiment: {name: x}\nruns: [{name: a, type: control, parameters: {}}]\n";
const laughs = Array.from({ length: 12 }, (_none, index) => `l${index}: &l${index} [${Array.from({ length: 9 }, () => (index === 0 ? "lol" : `*l${index - 1}`)).join(", ")}]`).join("\n");
const chain = Array.from({ length: 2000 }, (_none, index) => `l${index}: &a${index} [${index === 0 ? "lol" : `*a${index - 1}`}]`).join("\n");

describe("a summary that was made to do harm is an error, with its place", () => {
  test.each([
    ["a billion laughs", `${laughs}\nruns: *l11\n`, /alias/u],
    ["a merge of what is no map", "runs:\n  - <<: text\n", /merge sources must be maps/u],
    ["a merge of a list of words", "runs:\n  - <<: [a, b]\n", /merge sources must be maps/u],
    ["an alias of nothing", "runs: *gone\n", /unresolved alias/u],
    ["a list that holds itself", "runs: &r\n  - *r\n", /runs\[0\] cannot be read/u],
    ["a map that holds itself", "runs: &r {name: *r}\n", /runs cannot be read/u],
    ["lists in lists in lists", "[".repeat(100_000), /nested too deeply/u],
    ["maps in maps in maps", "{".repeat(100_000), /nested too deeply/u],
    ["maps in the place of keys", `${"{".repeat(90)}${"}".repeat(90)}`, /cannot be a key/u],
    ["lists and maps in the place of keys", "[{".repeat(45), /not YAML/u],
    ["many maps in the place of keys", "{".repeat(400), /nested too deeply/u],
    ["keys of keys of keys", "? ".repeat(90), /cannot be a key/u],
    ["many keys of keys of keys", "? ".repeat(400), /nested too deeply/u],
    ["an item in an item in an item", "- ".repeat(100_000), /nested too deeply/u],
    ["a list that refers to a list that refers to a list", `${chain}\nruns: *a1999\n`, /alias count/u],
    ["a key that is a list", "? [a, b]\n: 1\n", /cannot be a key/u],
    ["blocks in blocks in blocks", Array.from({ length: 3000 }, (_none, depth) => `${" ".repeat(depth)}a:\n`).join(""), /nested too deeply/u],
    ["null characters", "experiment: {name: \"a\0b\"}\nruns: [\0]\n", /./u],
    ["two documents", `${good}---\n${good}`, /a second document begins here/u],
    ["a tag for another program", "runs: !!python/object/apply:os.system [\"touch CANARY\"]\n", /runs\[0\] cannot be read/u],
    ["a key twice", `${good}runs: []\n`, /the key "runs" stands here a second time/u],
  ])("%s", (_what, text, message) => {
    const { problems } = parseSummary(text, { file: "experiment_summary.yaml", folder: "/exp" });
    const found = problems.filter((problem) => message.test(problem.message));
    expect(found.map(({ file, line = 0, column = 0 }) => [file, line > 0, column > 0])).toContainEqual(["experiment_summary.yaml", true, true]);
    expect(dangersIn(problems.map((problem) => `${problem.message} ${problem.found ?? ""}`).join(" "))).toEqual([]);
  });

  test.each([["maps in the place of keys", "{".repeat(400)], ["keys of keys", "? ".repeat(400)], ["a merge of a text", "<<: text\n"], ["laughs", laughs], ["keys of keys of keys in its paths", `output_dir: \${k9}\nk0: ""\n${Array.from({ length: 9 }, (_none, index) => `k${index + 1}: "${`\${k${index}}`.repeat(99)}"`).join("\n")}`]])("a training's configuration with %s is a warning", (_what, text) => {
    expect(parseTrainingConfig(text, "finetune.yaml").problems.map(({ severity }) => severity).filter((severity) => severity === "error")).toEqual([]);
  });

  test("a hundred lists in lists are read, and one more is not", () => {
    const problemsOf = (levels: number): readonly string[] => parseYaml(`${"[".repeat(levels)}${"]".repeat(levels)}`, "f").problems.map(({ message }) => message);
    expect([problemsOf(100), problemsOf(101)]).toEqual([[], ["lists or maps are nested too deeply"]]);
  });

  test("what every object has is no name of a thing of ours", () => {
    const { problems } = parseSummary("__proto__: {runs: [{name: evil, type: control, parameters: {}}]}\nconstructor: 1\n", { file: "f", folder: "/exp" });
    expect(problems.map(({ message }) => message)).toContain("no runs are listed, so there is nothing to do");
    expect(({} as { runs?: unknown }).runs).toBeUndefined();
  });
});

describe("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "nightshift-hostile-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each<[string, string | Uint8Array, RegExp]>([
    ["of 10 MB", `${good}# ${"x".repeat(10_000_000)}\n`, /the summary is larger than 1 MB/u],
    ["of 1 MB that is one word", "x".repeat(999_999), /not an experiment's summary/u],
    ["of 1 MB of brackets", "]".repeat(999_999), /this is not YAML/u],
    ["of UTF-16", Buffer.from(`\uFEFF${good}`, "utf16le"), /this is not UTF-8 text/u],
    ["of no text at all", Buffer.from([0, 1, 2, 255, 254, 10, 200]), /this is not UTF-8 text/u],
    ["of nothing but nulls", Buffer.alloc(4096), /./u],
    ["of nothing", "", /the file is empty/u],
  ])("%s is an error", async (_what, content, message) => {
    mkdirSync(join(folder, "exp"), { recursive: true });
    writeFileSync(join(folder, "exp", "experiment_summary.yaml"), content);
    const { experiment, problems } = await readExperiment(join(folder, "exp"));
    expect(experiment).toBeUndefined();
    expect(problems.filter(({ severity }) => severity === "error").map((problem) => problem.message)).toContainEqual(expect.stringMatching(message) as string);
  });

  test("with a byte order mark is as good as any", async () => {
    mkdirSync(join(folder, "bom"));
    writeFileSync(join(folder, "bom", "experiment_summary.yaml"), `\uFEFF${good}`);
    expect((await readExperiment(join(folder, "bom"))).experiment?.runs).toMatchObject([{ name: "a" }]);
  });
});
