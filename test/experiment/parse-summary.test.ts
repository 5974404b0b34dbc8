import { describe, expect, test } from "vitest";

import { evaluationKey } from "../../src/domain/experiment.ts";
import { renderProblem } from "../../src/domain/problem.ts";
import { parseSummary, type ParsedSummary } from "../../src/experiment/parse-summary.ts";

function parse(text: string): ParsedSummary {
  return parseSummary(text, { file: "experiment_summary.yaml", folder: "/experiments/cap" });
}

function said(text: string): readonly string[] {
  return parse(text).problems.map((problem) => `${problem.severity} ${renderProblem(problem).replace("experiment_summary.yaml:", "")}`);
}

const whole = `experiment: {name: cap}
controls: {epochs: 2}
runs:
  - {name: rank8, type: fine-tuned, parameters: {lora_rank: 8}}
  - {name: base, type: control}
evaluation:
  tasks: [{name: capitalization}, {name: spelling}]
  matrix:
    - {run: rank8, tasks: [capitalization], epochs: [0, 1]}
    - {run: base, tasks: [capitalization], epochs: null}
`;

/** The summary above with one text in it replaced by another. */
function change(before: string, after: string): string {
  expect(whole).toContain(before);
  return whole.replace(before, after);
}

describe("a summary that is right", () => {
  test("is understood without a word", () => {
    expect(parse(whole)).toEqual({
      experiment: {
        name: "cap", folder: "/experiments/cap", optimizer: "torchtune", evaluator: "inspect-ai", epochs: 2,
        runs: [{ name: "rank8", type: "fine-tuned", parameters: { lora_rank: "8" } }, { name: "base", type: "control", parameters: {} }],
        evaluations: [
          { run: "rank8", task: "capitalization", epoch: 0 }, { run: "rank8", task: "capitalization", epoch: 1 },
          { run: "base", task: "capitalization", epoch: null },
        ],
      },
      problems: [], aliases: [],
    });
  });

  test.each([
    ["1e-5"], ["5e-5"], ["1.0e-5"], ["010"], ["0x10"], ["yes"], ["on"], ["2026-03-16"], ["0:59:00"], ["2:30:00"], ["1_000"], [".5"], ["null-ish"],
  ])("shows a parameter written %s as it was written", (value) => {
    expect(parse(change("lora_rank: 8", `x: ${value}`)).experiment?.runs[0]?.parameters).toEqual({ x: value });
  });

  test.each([
    ["'quoted: {input}\\n'", "quoted: {input}\\n"], ['"two\\nlines"', "two\nlines"], ["~", "null"], ["", "null"], ["[a, 1e-5]", "[a, 1e-5]"], ["{time: 0:59:00}", "{time: 0:59:00}"],
    ['"\\e[31mred\\e[0m"', "red"], ["hf_abcdefghijklmnopqrstuvwxyz", "***"],
  ])("shows a parameter written %s fit to be shown", (value, seen) => {
    expect(parse(change("lora_rank: 8", `x: ${value}`)).experiment?.runs[0]?.parameters["x"]).toBe(seen);
  });

  test("may have nulls, unknown sections, comments and anchors", () => {
    const text = `experiment: {name: cap, hypothesis: ~, seed: }
variables: # nothing yet
tools:
models: {base: [{name: 1B, size_gb: 2.5}]}
made_up: {anything: [goes]}
defaults: &defaults {type: fine-tuned, model: 1B}
runs:
  - {<<: *defaults, name: rank8, compute: {time: "00:35:00"}}
`;
    expect(said(text)).toEqual([]);
    expect(parse(text).experiment?.runs).toEqual([{ name: "rank8", type: "fine-tuned", model: "1B", parameters: {} }]);
  });

  test("may name its model as a map, and its types in other spellings", () => {
    const text = "experiment: {name: cap}\nruns: [{name: a, type: Fine_Tuned, model: {name: 1B, path: /models/1B}}, {name: b, type: finetuned}, {name: c, type: Control}]\n";
    expect(parse(text).experiment?.runs.map(({ type, model }) => [type, model])).toEqual([["fine-tuned", "1B"], ["fine-tuned", undefined], ["control", undefined]]);
  });

  test("of an older checkpoint says where it is", () => {
    const text = "experiment: {name: cap}\nruns: [{name: prior, type: eval-only, parameters: {checkpoint_path: /scratch/sk-abcdefghijklmnopqrst/epoch_1}}]\n";
    expect(parse(text).experiment?.runs[0]?.checkpointPath).toBe("/scratch/sk-abcdefghijklmnopqrst/epoch_1");
  });

  test.each([
    ["retired folders", "experiment: {name: cap, directory: /old}\noutput: {base_directory: /base, output_dir_base: /dirs}\n", { directory: "/old", outputBase: "/base", outputDirBase: "/dirs" }],
    ["today's folder before the retired one", "experiment: {name: cap, directory: /old, dir: /new}\n", { directory: "/new" }],
    ["nothing", "experiment: {name: cap, dir: ''}\n", undefined],
  ])("gives %s as hints", (_what, text, hints) => {
    expect(parse(`${text}runs: []`).experiment?.hints).toEqual(hints);
  });

  test("tells the retired names it uses", () => {
    const text = `experiment: {name: cap, directory: /x, type: sanity_check}
controls: {learning_rate: 1e-5}
data: {training: {label: words}}
runs: [{name: a, type: control}, {name: b, type: fine-tuned, parameters: {learning_rate: 1e-5}}]
evaluation: {scorer: match, tasks: , matrix: }
`;
    expect(parse(text).aliases).toEqual([
      "experiment.directory (now experiment.dir)", "experiment.type (now experiment.project)", "controls.learning_rate (now controls.lr)",
      "data.training.label (now data.training.dataset_label)", "runs.*.parameters.learning_rate (now runs.*.parameters.lr)",
      "evaluation.scorer (now evaluation.scorers)",
    ]);
    expect(said(text)).toEqual([]);
  });

  test.each([
    ["no section", ""], ["an empty one", "tools:\n"], ["half of one", "tools: {preparation: torchtune}\n"], ["other spellings", "tools: {preparation: TorchTune, evaluation: inspect_ai}\n"],
  ])("with %s for tools means torchtune and inspect-ai", (_what, tools) => {
    expect(parse(tools + whole).experiment).toMatchObject({ optimizer: "torchtune", evaluator: "inspect-ai" });
  });
});

describe("the matrix", () => {
  function keys(matrix: string, tasks = "[capitalization, spelling]"): readonly string[] | undefined {
    const text = `${whole.slice(0, whole.indexOf("evaluation:"))}evaluation:\n  tasks: ${tasks}\n  matrix: ${matrix}\n`;
    return parse(text).experiment?.evaluations.map(evaluationKey);
  }

  test.each([
    ["a task as a word", "[{run: rank8, tasks: spelling, epochs: [1]}]", ["rank8_spelling_epoch1"]],
    ["tasks as maps", "[{run: rank8, tasks: [{name: spelling}], epochs: [1]}]", ["rank8_spelling_epoch1"]],
    ["one epoch without a list", "[{run: rank8, tasks: [spelling], epochs: 0}]", ["rank8_spelling_epoch0"]],
    ["epochs in quotes", "[{run: rank8, tasks: [spelling], epochs: ['0', \"1\"]}]", ["rank8_spelling_epoch0", "rank8_spelling_epoch1"]],
    ["no epochs for a control", "[{run: base, tasks: [spelling]}]", ["base_spelling"]],
    ["an empty list of epochs for a control", "[{run: base, tasks: [spelling], epochs: []}]", ["base_spelling"]],
    ["a list with null for a control", "[{run: base, tasks: [spelling], epochs: [null]}]", ["base_spelling"]],
    ["epochs for a control, which has none", "[{run: base, tasks: [spelling], epochs: [0]}]", ["base_spelling"]],
    ["several entries for one run, taken together",
      "[{run: rank8, tasks: [capitalization], epochs: [0]}, {run: base, tasks: [spelling]}, {run: rank8, tasks: [spelling, capitalization], epochs: [1]}]",
      ["rank8_capitalization_epoch0", "rank8_capitalization_epoch1", "rank8_spelling_epoch1", "base_spelling"]],
    ["the same twice, done once", "[{run: rank8, tasks: [spelling, spelling], epochs: [1, 1]}]", ["rank8_spelling_epoch1"]],
    ["no task at all", "[{run: rank8, tasks: [], epochs: [0]}]", []],
  ])("takes %s", (_what, matrix, expected) => {
    expect(keys(matrix)).toEqual(expected);
  });

  test("gives the tasks their names where no list does", () => {
    expect(keys("[{run: base, tasks: [anything]}]", "")).toEqual(["base_anything"]);
  });
});

describe("what is odd but harmless is a warning", () => {
  test.each([
    ["no name", change("{name: cap}", "{}"), "1:13: experiment.name is missing; the folder's name is used instead"],
    ["a question that is a list", change("{name: cap}", "{name: cap, question: [why]}"), "1:35: experiment.question cannot be read (expected a text, found a list)"],
    ["no runs", "experiment: {name: cap}\nruns:\n", "2:1: no runs are listed, so there is nothing to do"],
    ["epochs that are no number", change("epochs: 2", "epochs: two"), '2:20: controls.epochs cannot be read, so the epochs of the matrix are not checked against it (expected a number such as 2, found "two")'],
    ["an epoch that will not be trained", change("[0, 1]", "[1, 2]"), '9:53: run "rank8" trains for 2 epochs, so there will be no epoch 2 (expected 0 to 1). Epochs are counted from 0'],
    ["an epoch listed twice", change("[0, 1]", "[0, 0]"), "9:57: epoch 0 is listed twice; it is evaluated once"],
    ["epochs of a control", change("epochs: null", "epochs: [0]"), '10:52: run "base" is not trained here, so its epochs are ignored (expected null)'],
    ["an evaluation asked for twice", `${whole}    - {run: base, tasks: [capitalization]}\n`, '11:7: the matrix asks for "base_capitalization" twice; it is done once'],
    ["an entry without tasks", change("[capitalization], epochs: null", "[]"), '10:26: the matrix evaluates run "base" on no task'],
    ["tasks without a matrix", whole.slice(0, whole.indexOf("  matrix:")), "6:1: evaluation.matrix is missing, so nothing will be evaluated. List there which run is evaluated on which tasks"],
    ["a tag nobody knows", change("{name: cap}", "{name: !shout cap}"), "1:20: unresolved tag: !shout"],
  ])("%s", (_what, text, message) => {
    expect(said(text)).toEqual([`warning ${message}`]);
    expect(parse(text).experiment).toBeDefined();
  });

  test("a run may train for more epochs than the others", () => {
    expect(said(change("lora_rank: 8", "epochs: 3").replace("[0, 1]", "[2]"))).toEqual([]);
  });
});

describe("what would change which jobs run is an error, at its place", () => {
  test.each([
    ["an empty file", "", "1:1: the file is empty. It may still be on its way; else run the design-experiment skill"],
    ["nothing but comments", "# soon\n", "1:1: the file is empty. It may still be on its way; else run the design-experiment skill"],
    ["a list", "- rank8\n- rank16\n", "1:1: the file is not an experiment's summary (expected a map with experiment, runs and evaluation, found a list)"],
    ["a text", "# Experiment: cap\nhello", '2:1: the file is not an experiment\'s summary (expected a map with experiment, runs and evaluation, found "hello")'],
    ["a tab", "experiment:\n\tname: cap\n", "2:1: a tab cannot indent YAML (expected spaces)"],
    ["a bracket that is never closed", "runs: [{name: a}\nx: 1\n", "2:1: this is not YAML: flow sequence in block collection must be sufficiently indented and end with a ]"],
    ["a second document", "runs: []\n---\nruns: []\n", "2:1: a second document begins here (expected one document in the file). Remove this line (---)"],
    ["an alias of nothing", "runs: *all\n", "1:1: unresolved alias (the anchor must be set before the alias): all. Write the values out instead of using aliases (*name)"],
    ["a key twice", change("experiment:", "runs: []\nexperiment:"), '4:1: the key "runs" stands here a second time (expected one "runs", as in line 1)'],
    ["a key twice within a run", change("lora_rank: 8", "lr: 1, lr: 2"), '4:57: the key "lr" stands here a second time (expected one "lr", as in line 4)'],
    ["runs as a map", "experiment: {name: cap}\nruns: {rank8: {type: control}}\n", "2:7: runs cannot be read (expected a list of runs, found a map)"],
    ["a run that is a word", "experiment: {name: cap}\nruns: [rank8]\n", '2:8: runs[0] cannot be read (expected a map with name, type, model and parameters, found "rank8")'],
    ["a run without a name", change("name: base, ", ""), "5:5: runs[1].name is missing (expected the run's name)"],
    ["a run whose name is null", change("name: base", "name: "), "5:6: runs[1].name is missing (expected the run's name)"],
    ["a run without a type", change(", type: control", ""), "5:5: runs[1].type is missing (expected fine-tuned, control or eval-only)"],
    ["a type nobody knows", change("type: control", "type: baseline"), '5:24: the type of run "base" is not known (expected fine-tuned, control, eval-only, found "baseline")'],
    ["two runs of one name", change("- {name: base, type: control}", "- {name: rank8, type: control}\n  - {name: base, type: control}"), '5:12: two runs are called "rank8" (expected a name that runs[0] does not have)'],
    ["parameters as a list", change("{lora_rank: 8}", "[8]"), "4:49: runs[0].parameters cannot be read (expected a map of parameters, found a list)"],
    ["an older checkpoint without a path", change("type: control", "type: eval-only"), '5:5: run "base" is eval-only but says nowhere where its weights are (expected parameters.checkpoint_path)'],
    ["a tool nobody knows", `tools: {preparation: axolotl}\n${whole}`, '1:22: nightshift does not know this tool for preparation (expected "torchtune", found "axolotl")'],
    ["tools as a word", `tools: torchtune\n${whole}`, '1:8: tools cannot be read (expected a map such as {preparation: torchtune}, found "torchtune")'],
    ["a run that does not exist", change("run: base", "run: rank08"), '10:13: the matrix names a run that is not in runs (expected "rank8", "base", found "rank08")'],
    ["a task that does not exist", change("tasks: [capitalization], epochs: null", "tasks: [capitalisation], epochs: null"), '10:27: the matrix names a task that is not in evaluation.tasks (expected "capitalization", "spelling", found "capitalisation")'],
    ["a matrix as a map", `${whole.slice(0, whole.indexOf("  matrix"))}  matrix: {rank8: [0]}\n`, "8:11: evaluation.matrix cannot be read (expected a list of entries with run, tasks and epochs, found a map)"],
    ["an entry without tasks", change("tasks: [capitalization], epochs: null", "epochs: null"), "10:7: evaluation.matrix[1].tasks is missing (expected a list of tasks, each with a name)"],
    ["a trained run without epochs", change("[0, 1]", "null"), '9:53: nothing says which epochs of run "rank8" are evaluated (expected a list such as [1]). Epochs are counted from 0; only runs of type control and eval-only have none'],
    ["a negative epoch", change("[0, 1]", "[-1]"), '9:54: this is not an epoch (expected whole numbers from 0 such as [0, 1], found "-1")'],
    ["an epoch that is no whole number", change("[0, 1]", "[0.5]"), '9:54: this is not an epoch (expected whole numbers from 0 such as [0, 1], found "0.5")'],
    ["an epoch that is ten or eight", change("[0, 1]", "010"), '9:53: this is not an epoch (expected whole numbers from 0 such as [0, 1], found "010")'],
    ["a range of epochs", change("[0, 1]", "0-1"), '9:53: this is not an epoch (expected whole numbers from 0 such as [0, 1], found "0-1")'],
    ["all epochs", change("[0, 1]", "all"), '9:53: this is not an epoch (expected whole numbers from 0 such as [0, 1], found "all")'],
    ["epochs as a map", change("[0, 1]", "{first: 0}"), "9:53: evaluation.matrix[0].epochs cannot be read (expected a list of whole numbers from 0 such as [0, 1], or null, found a map)"],
  ])("%s", (_what, text, message) => {
    expect(said(text)).toContain(`error ${message}`);
    expect(parse(text).experiment).toBeUndefined();
  });

  test.each([
    ["''", "is empty"], ["' '", "is empty"], ["'..'", "leads to another folder"], ["a/b", "contains a slash, so it would be a folder inside another"],
    ['"a\\0b"', "contains a line break or another control character"], ['"a\\nb"', "contains a line break or another control character"],
    ["-rf", "begins with a dash, so that commands would take it for an option"], ["logs", "is taken by something else"], ["__proto__", "is taken by something else"],
    ["x".repeat(201), "is longer than file systems allow once an epoch and an ending are added"],
  ])("a run called %s", (name, why) => {
    expect(said(change("name: base", `name: ${name}`)).join("\n")).toContain(`a run's name is the name of its folder, and this one ${why}`);
  });

  test.each([["a/b", "contains a slash"], ["'..'", "leads to another folder"]])("a task called %s", (name, why) => {
    expect(said(change("name: spelling", `name: ${name}`)).join("\n")).toContain(`a task's name is part of a folder's name, and this one ${why}`);
  });

  test.each([["1B_rank8 (new)"], ["Llama-3.2-1B-Instruct_rank8"], ["rang 8"], ["ранг8"], ["a%j"], ["cell.slurm"]])("but a run may be called %s", (name) => {
    expect(said(change("name: base", `name: ${name}`).replace("run: base", `run: ${name}`))).toEqual([]);
  });

  test("two evaluations whose names would be the same", () => {
    const text = `experiment: {name: cap}
runs: [{name: a, type: control}, {name: a_b, type: control}]
evaluation:
  matrix: [{run: a, tasks: [b_c]}, {run: a_b, tasks: [c]}]
`;
    expect(said(text)).toEqual([
      'error 4:36: two evaluations would both be called "a_b_c" (expected names of runs and tasks that cannot be mistaken for each other, found run "a" with task "b_c", and run "a_b" with task "c")',
    ]);
  });

  test("every mistake of a file is told, not just the first", () => {
    const text = change("type: control", "type: none").replace("[0, 1]", "[one, 1, two]");
    expect(said(text).filter((line) => line.startsWith("error"))).toHaveLength(4);
  });

  test("what comes from the file is shown without escape codes", () => {
    expect(said(change("type: control", 'type: "\\e[2Jnone"')).join("\n")).toContain('found "none"');
  });
});

describe("texts that mean harm", () => {
  test("aliases of aliases are refused, not counted out", () => {
    const levels = Array.from({ length: 12 }, (_none, level) => `a${level}: &a${level} [${Array.from({ length: 9 }, () => (level === 0 ? "x" : `*a${level - 1}`)).join(", ")}]\n`);
    expect(said(levels.join("")).join()).toContain("excessive alias count");
  });

  test("a hundred runs may share their parameters", () => {
    const runs = Array.from({ length: 150 }, (_none, index) => `  - {name: r${index}, type: fine-tuned, parameters: *p}\n`);
    expect(parse(`experiment: {name: cap}\nshared: &p {lr: 1e-5}\nruns:\n${runs.join("")}`).experiment?.runs).toHaveLength(150);
  });

  test.each([
    ["a list in itself", "runs: &r [*r]\n"], ["brackets a thousand deep", `runs: ${"[".repeat(5000)}\n`], ["a parameter in itself", "runs: [{name: a, type: control, parameters: &p {p: *p}}]\n"],
    ["keys of JavaScript", "__proto__: {runs: 1}\nconstructor: 2\nruns: []\n"], ["a key that is a list", "? [a, b]\n: c\nruns: []\n"], ["Windows' line ends and a BOM", "\uFEFFexperiment: {name: cap}\r\nruns: []\r\n"],
  ])("%s is survived", (_what, text) => {
    expect(Array.isArray(parse(text).problems)).toBe(true);
  });
});
