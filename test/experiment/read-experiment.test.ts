import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { execa } from "execa";
import { describe, expect, test } from "vitest";

import { renderProblem } from "../../src/domain/problem.ts";
import { readExperiment } from "../../src/experiment/read-experiment.ts";
import { addFiles, copyOfFixture, tempTree } from "./temp-tree.ts";

async function said(folder: string): Promise<readonly string[]> {
  return (await readExperiment(folder)).problems.map((problem) => `${problem.severity} ${renderProblem(problem)}`);
}

describe("experiments of each layout", () => {
  test("of today", async () => {
    const folder = copyOfFixture("current");
    const reading = await readExperiment(folder);
    expect(reading).toMatchObject({ folder, missing: { training: [], evaluations: [] }, strayScripts: [], traces: [], problems: [] });
    expect(reading.places?.runs.get("rank8_lr1e-5")).toMatchObject({ script: `${folder}/rank8_lr1e-5/finetune.slurm`, checkpointFolders: [`${folder}/rank8_lr1e-5/artifacts`] });
    expect(reading.places?.evaluations.get("base_capitalization")).toMatchObject({ script: `${folder}/base/eval/capitalization/cell.slurm`, logsAreShared: false });
    expect(reading.designFiles.map(({ path }) => path)).toEqual([
      "experiment_summary.yaml",
      ...["rank4_lr1e-5", "rank8_lr1e-5"].flatMap((run) => ["finetune.slurm", "finetune.yaml", "setup_finetune.yaml"].map((file) => `${run}/${file}`)),
      ...["capitalization_epoch0", "capitalization_epoch1", "capitalization_5L_epoch0", "capitalization_5L_epoch1"].flatMap((cell) => [`rank4_lr1e-5/eval/${cell}/cell.slurm`, `rank4_lr1e-5/eval/${cell}/eval.yaml`]),
      "rank8_lr1e-5/eval/capitalization_epoch1/cell.slurm", "rank8_lr1e-5/eval/capitalization_epoch1/eval.yaml",
      "base/eval/capitalization/cell.slurm", "base/eval/capitalization/eval.yaml",
    ]);
    expect([...reading.hashes.keys()]).toHaveLength(8);
  });

  test("of the documents, with a script left over", async () => {
    const folder = copyOfFixture("documents");
    const reading = await readExperiment(folder);
    expect(reading.missing).toEqual({ training: [], evaluations: [] });
    expect(reading.strayScripts).toEqual(["rank8_lr1e-5/eval/capitalization_epoch2.slurm"]);
    expect(await said(folder)).toEqual(["warning rank8_lr1e-5/eval/capitalization_epoch2.slurm: nothing in the summary asks for this script, so it will not be submitted"]);
    expect(reading.places?.runs.get("rank8_lr1e-5")?.outputFolders[0]).toBe(`${folder}/outputs/ck-out-rank8_lr1e-5`);
    expect(reading.places?.runs.get("rank8_lr1e-5")?.checkpointFolders[0]).toBe(`${folder}/outputs/ck-out-rank8_lr1e-5`);
    expect(reading.places?.evaluations.get("rank8_lr1e-5_capitalization_epoch1")).toMatchObject({ submitFolder: `${folder}/rank8_lr1e-5/eval`, logsAreShared: true });
  });

  test.each([
    ["controls-only", ["1B_base_capitalization", "3B_base_capitalization"]],
    ["eval-only", ["prior_rank8_epoch1_capitalization"]],
  ])("%s", async (name, keys) => {
    const reading = await readExperiment(copyOfFixture(name));
    expect([...reading.places?.evaluations.keys() ?? []]).toEqual(keys);
    expect(reading).toMatchObject({ missing: { training: [], evaluations: [] }, problems: [] });
  });
});

describe("experiments that are not there in full", () => {
  test.each([
    ["unscaffolded", ["warning scaffolding is incomplete: nothing to submit yet for the training of rank8 and the evaluation of rank8/capitalization/epoch0. Run the scaffold-experiment skill"]],
    ["broken", ["error experiment_summary.yaml:3:1: a tab cannot indent YAML (expected spaces)"]],
    ["invalid", [
      'error experiment_summary.yaml:3:22: nightshift does not know this tool for preparation (expected "torchtune", found "axolotl")',
      'error experiment_summary.yaml:8:12: a run\'s name is the name of its folder, and this one contains a slash, so it would be a folder inside another (expected a name such as rank8_lr1e-5, found "rank/16")',
      'error experiment_summary.yaml:7:12: two runs are called "rank8" (expected a name that runs[0] does not have)',
      'error experiment_summary.yaml:12:13: the matrix names a run that is not in runs (expected "rank8", found "rank08")',
      'error experiment_summary.yaml:13:30: the matrix names a task that is not in evaluation.tasks (expected "capitalization", found "capitalisation")',
    ]],
  ])("%s says what is wrong", async (name, problems) => {
    expect([...await said(copyOfFixture(name))].toSorted()).toEqual([...problems].toSorted());
  });

  test("an invalid one has no design, but its signs of work", async () => {
    const folder = copyOfFixture("invalid");
    addFiles(folder, { "rank8/slurm-1.out": "" });
    const { experiment, places, traces, designFiles } = await readExperiment(folder);
    expect({ experiment, places, traces }).toEqual({ experiment: undefined, places: undefined, traces: ["rank8/slurm-1.out is the output of a job"] });
    expect(designFiles.map(({ path }) => path)).toEqual(["experiment_summary.yaml"]);
  });

  test.each<[string, Readonly<Record<string, string | Uint8Array>>, string]>([
    ["no summary", {}, "error experiment_summary.yaml: experiment_summary.yaml not found (expected experiment_summary.yaml). Run the design-experiment skill first"],
    ["the form of 2025", { "experiment_summary.md": "# Experiment: cap\n" }, "error experiment_summary.md: experiment_summary.yaml not found (expected experiment_summary.yaml, found experiment_summary.md). The form of 2025 is not read; write experiment_summary.yaml, as the design-experiment skill does"],
    ["another ending", { "experiment_summary.yml": "" }, "error experiment_summary.yml: experiment_summary.yaml not found (expected experiment_summary.yaml, found experiment_summary.yml). Rename it to experiment_summary.yaml"],
    ["a folder for a summary", { "experiment_summary.yaml/x": "" }, "error experiment_summary.yaml: the summary is not a file"],
    ["a summary of another encoding", { "experiment_summary.yaml": Buffer.from("\uFEFFruns: []", "utf16le") }, "error experiment_summary.yaml:1:1: this is not UTF-8 text (expected UTF-8, found UTF-16). Save the file as UTF-8"],
    ["a summary with a stray byte", { "experiment_summary.yaml": Buffer.from([...Buffer.from("a: 1\nb: "), 0xe9]) }, "error experiment_summary.yaml:2:4: this is not UTF-8 text (expected UTF-8). Save the file as UTF-8"],
  ])("%s", async (_what, files, problem) => {
    expect(await said(tempTree(files))).toEqual([problem]);
  });

  test("a folder that is gone", async () => {
    expect(await said(join(tempTree(), "gone"))).toHaveLength(1);
  });

  test("a summary of more than a megabyte", async () => {
    const folder = tempTree({ "experiment_summary.yaml": "" });
    truncateSync(join(folder, "experiment_summary.yaml"), 1_000_001);
    expect(await said(folder)).toEqual(["error experiment_summary.yaml: the summary is larger than 1 MB"]);
  });

  test("a pipe for a summary is not waited for", async () => {
    const folder = tempTree();
    await execa("mkfifo", [join(folder, "experiment_summary.yaml")]);
    expect(await said(folder)).toEqual(["error experiment_summary.yaml: the summary is not a file"]);
  });

  test("training may begin where only scripts of evaluations are missing", async () => {
    const folder = copyOfFixture("current");
    rmSync(join(folder, "rank4_lr1e-5/eval"), { recursive: true });
    expect((await readExperiment(folder)).missing).toEqual({
      training: [], evaluations: ["capitalization_epoch0", "capitalization_epoch1", "capitalization_5L_epoch0", "capitalization_5L_epoch1"].map((cell) => `rank4_lr1e-5_${cell}`),
    });
    expect(await said(folder)).toEqual([
      "warning scaffolding is incomplete: nothing to submit yet for the evaluation of rank4_lr1e-5/capitalization/epoch0, rank4_lr1e-5/capitalization/epoch1, "
      + "rank4_lr1e-5/capitalization_5L/epoch0, rank4_lr1e-5/capitalization_5L/epoch1. Can proceed with optimization only; run the scaffold-experiment skill for the evaluations",
    ]);
  });

  test.each([["finetune.slurm"], ["finetune.yaml"]])("a training without its %s is not scaffolded", async (file) => {
    const folder = copyOfFixture("current");
    rmSync(join(folder, "rank8_lr1e-5", file));
    expect((await readExperiment(folder)).missing.training).toEqual(["rank8_lr1e-5"]);
  });

  test("a mended file is read again", async () => {
    const folder = copyOfFixture("broken");
    const summary = join(folder, "experiment_summary.yaml");
    expect((await readExperiment(folder)).experiment).toBeUndefined();
    writeFileSync(summary, readFileSync(summary, "utf8").replace("\t", "  "));
    expect((await readExperiment(folder)).experiment?.name).toBe("tabs");
  });
});

describe("scripts", () => {
  test.each([
    ["that sbatch refuses", "echo hi\n", "sbatch would refuse this script"], ["that are empty", "", "sbatch would refuse this script (found Batch script is empty!)"],
    ["with DOS line ends", "#!/bin/bash\r\necho hi\r\n", "DOS line breaks"],
  ])("%s are errors", async (_what, text, message) => {
    const folder = copyOfFixture("current");
    writeFileSync(join(folder, "base/eval/capitalization/cell.slurm"), text);
    expect((await said(folder)).join()).toContain("error base/eval/capitalization/cell.slurm:1:1: ");
    expect((await said(folder)).join()).toContain(message);
  });

  test("that stand elsewhere are reported, up to a number that can be read", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, Object.fromEntries(Array.from({ length: 25 }, (_none, index) => [`extra${index}/finetune.slurm`, ""])));
    expect((await readExperiment(folder)).strayScripts).toHaveLength(25);
    expect((await said(folder)).at(-1)).toBe("warning nothing in the summary asks for 5 more scripts either");
  });

  test("that are not used because a newer one stands there are reported", async () => {
    const folder = copyOfFixture("current");
    addFiles(folder, { "base/eval/capitalization.slurm": "#!/bin/bash\n" });
    expect((await readExperiment(folder)).strayScripts).toEqual(["base/eval/capitalization.slurm"]);
  });

  test("with a byte of another encoding are read as a shell reads them", async () => {
    const folder = copyOfFixture("current");
    writeFileSync(join(folder, "base/eval/capitalization/cell.slurm"), Buffer.from("#!/bin/bash\n# Caf\xe9\n", "latin1"));
    expect(await said(folder)).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)("that nobody may read are errors", async () => {
    const folder = copyOfFixture("current");
    chmodSync(join(folder, "rank8_lr1e-5/finetune.slurm"), 0);
    expect(await said(folder)).toEqual(["error rank8_lr1e-5/finetune.slurm: this cannot be read (EACCES)"]);
  });
});

describe("hashes", () => {
  test("are the same wherever the folder is, and change with script or configuration of their own unit alone", async () => {
    const folder = copyOfFixture("current");
    const before = (await readExperiment(folder)).hashes;
    expect(before.get("rank8_lr1e-5")).toMatch(/^[0-9a-f]{16}$/u);
    expect((await readExperiment(copyOfFixture("current"))).hashes).toEqual(before);
    writeFileSync(join(folder, "rank8_lr1e-5/finetune.yaml"), "output_dir: artifacts\nbatch_size: 2\n");
    const after = (await readExperiment(folder)).hashes;
    expect([...after].filter(([unit, hash]) => before.get(unit) !== hash).map(([unit]) => unit)).toEqual(["rank8_lr1e-5"]);
  });
});

describe("signs of work", () => {
  test("in the documents' folder of outputs, outside the experiment, are found", async () => {
    const folder = copyOfFixture("documents");
    const outputs = join(dirname(folder), "outputs");
    const summary = join(folder, "experiment_summary.yaml");
    writeFileSync(summary, readFileSync(summary, "utf8").replace('output_dir_base: "outputs"', `output_dir_base: "${outputs}"`));
    addFiles(outputs, { "ck-out-rank8_lr1e-5/epoch_0/adapter_model.pt": "", "ck-out-rank8_lr1e-5/slurm-7.out": "", "ck-out-other/epoch_0/adapter_model.pt": "" });
    expect((await readExperiment(folder)).traces).toEqual([
      `${outputs}/ck-out-rank8_lr1e-5/slurm-7.out is the output of a job`, `${outputs}/ck-out-rank8_lr1e-5/epoch_0/adapter_model.pt is a checkpoint's weights`,
    ]);
  });

  test("behind a link to a larger disk are found", async () => {
    const folder = copyOfFixture("current");
    const disk = tempTree({ "epoch_1/model.safetensors": "" });
    symlinkSync(disk, join(folder, "rank4_lr1e-5/artifacts"));
    const { traces, problems } = await readExperiment(folder);
    expect(traces).toEqual([`${folder}/rank4_lr1e-5/artifacts/epoch_1/model.safetensors is a checkpoint's weights`]);
    expect(problems).toEqual([]);
  });

  test("are not the weights that an older checkpoint is evaluated by", async () => {
    const folder = copyOfFixture("eval-only");
    addFiles(dirname(folder), { "earlier/rank8/artifacts/epoch_1/model.safetensors": "" });
    expect((await readExperiment(folder)).traces).toEqual([]);
  });
});

describe("links that lead out of the experiment are errors", () => {
  test.each([["rank8_lr1e-5"], ["rank8_lr1e-5/eval"], ["base/eval/capitalization"], ["rank8_lr1e-5/finetune.slurm"]])("%s", async (path) => {
    const folder = copyOfFixture("current");
    const elsewhere = join(tempTree(), "elsewhere");
    renameSync(join(folder, path), elsewhere);
    symlinkSync(elsewhere, join(folder, path));
    expect(await said(folder)).toContain(`error ${path}: this link leads out of the experiment (found ${elsewhere}). Copy what it leads to`);
  });

  test("and so are links that lead nowhere", async () => {
    const folder = copyOfFixture("current");
    rmSync(join(folder, "rank8_lr1e-5/finetune.slurm"));
    symlinkSync("gone.slurm", join(folder, "rank8_lr1e-5/finetune.slurm"));
    expect(await said(folder)).toContain("error rank8_lr1e-5/finetune.slurm: this link leads nowhere");
  });

  test("a script may be a link to another one of the experiment", async () => {
    const folder = copyOfFixture("current");
    rmSync(join(folder, "rank8_lr1e-5/finetune.slurm"));
    symlinkSync("../rank4_lr1e-5/finetune.slurm", join(folder, "rank8_lr1e-5/finetune.slurm"));
    expect(await said(folder)).toEqual([]);
  });
});

describe("an experiment that was copied or moved is held while its scripts name another folder", () => {
  /** The layout of today with the absolute paths that the tools write. */
  function scaffolded(folder: string): string {
    mkdirSync(folder, { recursive: true });
    addFiles(folder, {
      "experiment_summary.yaml": `experiment: {name: cap, dir: ${folder}}\nruns: [{name: rank8, type: fine-tuned}]\n`,
      "rank8/finetune.slurm": `#!/bin/bash\n#SBATCH --output=${folder}/rank8/artifacts/slurm-%j.out\ntune run x --config finetune.yaml\n`,
      "rank8/finetune.yaml": `project: ${dirname(folder)}\nname: ${folder.slice(folder.lastIndexOf("/") + 1)}\noutput_dir: \${project}/\${name}/rank8/artifacts/\n`,
    });
    return folder;
  }

  test("not where it was scaffolded", async () => {
    expect(await said(scaffolded(join(tempTree(), "original")))).toEqual([]);
  });

  test("not under another name of its folder", async () => {
    const root = tempTree();
    scaffolded(join(root, "original"));
    symlinkSync(root, join(root, "alias"));
    expect(await said(join(root, "alias", "original"))).toEqual([]);
  });

  test.each([["as the summary says", true], ["though the summary does not say so", false]])("not when its scripts use another name of its folder, %s", async (_how, isSaid) => {
    const root = tempTree({ "disk/": "" });
    symlinkSync(join(root, "disk"), join(root, "alias"));
    scaffolded(join(root, "alias", "original"));
    const folder = join(root, "disk", "original");
    if (!isSaid) writeFileSync(join(folder, "experiment_summary.yaml"), "experiment: {name: cap}\nruns: [{name: rank8, type: fine-tuned}]\n");
    expect(await said(folder)).toEqual([]);
  });

  test("copied, with its model still there", async () => {
    const root = tempTree();
    const original = scaffolded(join(root, "original"));
    await execa("cp", ["-a", original, join(root, "copy")]);
    expect(await said(join(root, "copy"))).toEqual([
      `error rank8/finetune.slurm:2:18: this would work in another folder than the experiment's own, ${original}; so does another file (expected paths in the experiment's own folder, `
      + `found ${original}/rank8/artifacts/slurm-%j.out). After copying or moving an experiment, correct experiment.dir and run the scaffold-experiment skill again`,
    ]);
  });

  test("copied, with experiment.dir mended and scripts forgotten", async () => {
    const root = tempTree();
    const original = scaffolded(join(root, "original"));
    const copy = join(root, "copy");
    await execa("cp", ["-a", original, copy]);
    writeFileSync(join(copy, "experiment_summary.yaml"), `experiment: {name: cap, dir: ${copy}}\nruns: [{name: rank8, type: fine-tuned}]\n`);
    writeFileSync(join(copy, "rank8/finetune.slurm"), "#!/bin/bash\ntune run x --config finetune.yaml\n");
    expect((await readExperiment(copy)).problems).toMatchObject([{ severity: "error", file: "rank8/finetune.yaml", line: 3, column: 13, found: `${original}/rank8/artifacts` }]);
  });

  test("moved", async () => {
    const root = tempTree();
    renameSync(scaffolded(join(root, "original")), join(root, "moved"));
    expect((await said(join(root, "moved"))).join()).toContain(`this names the folder the experiment was designed in, ${root}/original, and that is gone`);
  });

  test("not for reading another experiment's data, or writing beside experiments", async () => {
    const root = tempTree();
    const other = scaffolded(join(root, "other"));
    const folder = scaffolded(join(root, "own"));
    writeFileSync(join(folder, "rank8/finetune.slurm"), `#!/bin/bash\n#SBATCH --output=${root}/outputs/slurm-%j.out\ntune run x --config finetune.yaml data=${other}/words.json\n`);
    expect(await said(folder)).toEqual([]);
  });

  test("not where the summary gives the folder around it", async () => {
    const root = tempTree();
    const folder = scaffolded(join(root, "own"));
    writeFileSync(join(folder, "experiment_summary.yaml"), `experiment: {name: cap, dir: ${root}}\nruns: [{name: rank8, type: fine-tuned}]\n`);
    expect(await said(folder)).toEqual([]);
  });
});

test("two runs that would save into the same folder are an error", async () => {
  const folder = copyOfFixture("current");
  writeFileSync(join(folder, "rank8_lr1e-5/finetune.yaml"), "output_dir: ../rank4_lr1e-5/artifacts/\n");
  expect(await said(folder)).toEqual([
    `error rank8_lr1e-5/finetune.yaml:1:13: runs rank4_lr1e-5 and rank8_lr1e-5 would save into the same folder (expected an output_dir of its own, found ${folder}/rank4_lr1e-5/artifacts)`,
  ]);
});

test.each([
  ["eval-capitalization-ep0", `"eval-capitalization-ep0", of rank8_lr1e-5/capitalization/epoch0`],
  ["eval-capitalization-rank8_lr1e-5-ep0", `"eval-capitalization-rank8_lr1e-5-ep0", of rank8_lr1e-5/capitalization/epoch0`],
  ["eval-capitalization-ep1", undefined],
  ["eval-capitalization-rank8_lr1e-5", undefined],
  ["eval-capitalization-ep10", undefined],
  ["my job", undefined],
])("a script whose job is called %s is warned of if that is another evaluation's", async (jobName, found) => {
  const folder = tempTree();
  writeFileSync(join(folder, "experiment_summary.yaml"), `experiment: {name: cap}\nruns: [{name: rank8_lr1e-5, type: fine-tuned}]\nevaluation: {tasks: [{name: capitalization}], matrix: [{run: rank8_lr1e-5, tasks: [capitalization], epochs: [0, 1]}]}\n`);
  const script = "rank8_lr1e-5/eval/capitalization_epoch1/cell.slurm";
  mkdirSync(dirname(join(folder, script)), { recursive: true });
  writeFileSync(join(folder, script), `#!/bin/sh\n#SBATCH --job-name=${jobName}\n`);
  expect((await said(folder)).filter((text) => text.includes("called"))).toEqual(found === undefined ? [] : [
    `warning ${script}: this script has its job called like that of another evaluation (expected a job name of rank8_lr1e-5/capitalization/epoch1, found ${found}). Correct its #SBATCH --job-name, and see whether the rest of it was copied as well`,
  ]);
});
