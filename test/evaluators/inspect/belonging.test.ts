import { describe, expect, test } from "vitest";
import { type Evaluation, evaluationTitle } from "../../../src/domain/experiment.ts";
import { evaluationsOf } from "../../../src/evaluators/inspect/belonging.ts";
import { epochsNamed } from "../../../src/evaluators/inspect/log-epoch.ts";
import type { LogHeader } from "../../../src/evaluators/inspect/log/log-header.ts";
import { parseHeader } from "../../../src/evaluators/inspect/log/parse-header.ts";

describe("a log in a shared folder is of", () => {
  const matrix = (tasks: string, epochs: readonly (number | null)[] = [0, 1], run = "r8"): readonly Evaluation[] =>
    tasks.split(" ").flatMap((task) => epochs.map((epoch) => ({ run, task, epoch })));
  const at = (epoch: number): object => ({ metadata: { epoch } });
  const words = (letters: number): object => ({ task_args: { data_path: `/data/14L/words_${letters}L_1700.json` } });

  test.each<[string, object, readonly Evaluation[], string]>([
    ["the task it is called", { task: "cap", ...at(0) }, matrix("cap rev"), "r8/cap/epoch0"],
    ["that task, in a package", { task: "pkg/cap", ...at(1) }, matrix("cap rev"), "r8/cap/epoch1"],
    ["the task that its label names", { task: "cap_r8 (cap_5L)", ...at(0) }, matrix("cap cap_5L"), "r8/cap_5L/epoch0"],
    ["the other task that its label names", { task: "cap_r8 (cap)", ...at(0) }, matrix("cap cap_5L"), "r8/cap/epoch0"],
    ["nothing, when its label names a task that is not evaluated", { task: "cap_r8 (cap_5L)", ...at(0) }, matrix("cap"), ""],
    ["its task, when the label is none", { task: "cap_r8 (v2)", ...at(0) }, matrix("cap rev"), "r8/cap/epoch0"],
    ["the task before its run", { task: "cap_r8", ...at(0) }, matrix("cap cap_5L"), "r8/cap/epoch0"],
    ["the longer task before its run", { task: "cap_5L_r8", ...at(0) }, matrix("cap cap_5L"), "r8/cap_5L/epoch0"],
    ["the task before a label", { task: "cap_mine", task_args: { vis_label: "mine" }, ...at(0) }, matrix("cap cap_mine_too"), "r8/cap/epoch0"],
    ["the task that it is registered as", { task: "shown so", task_registry_name: "pkg/cap", ...at(0) }, matrix("cap rev"), "r8/cap/epoch0"],
    ["the task whose number its arguments have", { task: "cap", ...words(5), ...at(0) }, matrix("cap cap_5L cap_7L"), "r8/cap_5L/epoch0"],
    ["the task without number, when its arguments have another", { task: "cap", ...words(9), ...at(0) }, matrix("cap cap_5L cap_7L"), "r8/cap/epoch0"],
    ["nothing, when none has its arguments' number", { task: "cap", ...words(9), ...at(0) }, matrix("cap_5L cap_7L"), ""],
    ["nobody knows what, when a mere word decides", { task: "cap", task_args: { split: "test" }, ...at(0) }, matrix("cap cap_test"), "r8/cap/epoch0, r8/cap_test/epoch0"],
    ["nobody knows what, when its arguments have both numbers", { task: "cap", task_args: { data: "5L_7L" }, ...at(0) }, matrix("cap_5L cap_7L"), "r8/cap_5L/epoch0, r8/cap_7L/epoch0"],
    ["nothing, when it is of another task", { task: "reversal", ...at(0) }, matrix("cap rev"), ""],
    ["nothing, when it is of another epoch", { task: "cap", ...at(7) }, matrix("cap rev"), ""],
    ["nobody knows what, when it names no epoch", { task: "cap" }, matrix("cap rev"), "r8/cap/epoch0, r8/cap/epoch1"],
    ["the one epoch there is, when it names none", { task: "cap" }, matrix("cap rev", [3]), "r8/cap/epoch3"],
    ["the control, whatever epoch it names", { task: "cap", model_args: { model_path: "/old/epoch_4" } }, matrix("cap rev", [null]), "r8/cap"],
    ["the run that its model is named after", { task: "cap", model: "hf/r8_epoch_1" }, [...matrix("cap"), ...matrix("cap", [0, 1], "r80"), ...matrix("cap", [0, 1], "r8_epoch_1")], "r8/cap/epoch1"],
    ["the run whose folder its model is in", { task: "cap", model_args: { model_path: "/x/ck-out-r80/epoch_0/" } }, [...matrix("cap"), ...matrix("cap", [0, 1], "r80")], "r80/cap/epoch0"],
    ["the run that it is labelled with", { task: "cap", task_args: { vis_label: "r80" }, ...at(1) }, [...matrix("cap"), ...matrix("cap", [0, 1], "r80")], "r80/cap/epoch1"],
    ["the run that it is labelled with, beside its task", { task: "cap", task_args: { vis_label: "r80 (cap)" }, ...at(1) }, [...matrix("cap"), ...matrix("cap", [0, 1], "r80")], "r80/cap/epoch1"],
    ["nobody knows which run, when it names two", { task: "cap", model: "hf/r8", task_args: { vis_label: "r80" }, ...at(1) }, [...matrix("cap"), ...matrix("cap", [0, 1], "r80")], "r8/cap/epoch1, r80/cap/epoch1"],
    ["nobody knows which run, when it names none", { task: "cap", ...at(1) }, [...matrix("cap"), ...matrix("cap", [0, 1], "r80")], "r8/cap/epoch1, r80/cap/epoch1"],
    ["the tenth epoch rather than the first", { task: "cap", model: "hf/r8_epoch_10" }, matrix("cap", [1, 10]), "r8/cap/epoch10"],
  ])("%s", (_what, evaluation, evaluations, found) => {
    expect(evaluationsOf(header(evaluation), evaluations).map(evaluationTitle).join(", ")).toBe(found);
  });
});

describe("the epoch that a log names", () => {
  test.each<[string, object, readonly string[]]>([
    ["is in its metadata", { metadata: { epoch: 2 } }, ["2 metadata epoch"]],
    ["may be quoted there", { metadata: { epoch: "2" } }, ["2 metadata epoch"]],
    ["may be a model argument", { model_args: { epoch: 0 } }, ["0 model argument epoch"]],
    ["may end its model's name", { model: "hf/r8_epoch_11" }, ["11 model hf/r8_epoch_11"]],
    ["may end its model's path", { model_args: { model_path: "/x/ck-out-r8/epoch_3/" } }, ["3 model path"]],
    ["may end a path with many slashes", { model_args: { model_path: "/x/epoch_3// " } }, ["3 model path"]],
    ["may end a path of Windows", { model_args: { model_path: "C:\\ck\\epoch_3\\" } }, ["3 model path"]],
    ["may end an address", { model: "s3://bucket/ck-out-r8/epoch_12/" }, ["12 model s3://bucket/ck-out-r8/epoch_12/"]],
    ["may end a path that the model is named by", { model: "vllm//scratch/ck/epoch_0" }, ["0 model vllm//scratch/ck/epoch_0"]],
    ["may end a very long name", { model: `hf/${"r".repeat(300)}_epoch_1` }, [`1 model hf/${"r".repeat(300)}_epoch_1`]],
    ["is not followed by anything", { model: "hf/r_epoch_1-merged" }, []],
    ["is no part of a word", { model: "hf/rankepoch_1", model_args: { model_path: "/x/my_epoch_1" } }, []],
    ["is no list", { metadata: { epoch: [1] }, model_args: { model_path: ["/x/epoch_1"] } }, []],
    ["may be in several places", { metadata: { epoch: 1 }, model: "hf/r_epoch_0" }, ["1 metadata epoch", "0 model hf/r_epoch_0"]],
    ["is no word", { metadata: { epoch: "last" } }, []],
    ["is no fraction and not negative", { metadata: { epoch: 1.5 }, model_args: { epoch: -1 } }, []],
    ["is not how often samples were run", { config: { epochs: 4 } }, []],
    ["is not in the middle of a path", { model_args: { model_path: "/x/epoch_3/merged" } }, []],
  ])("%s", (_where, evaluation, named) => {
    expect(epochsNamed(header(evaluation)).map(({ value, source }) => `${value} ${source}`)).toEqual(named);
  });
});

function header(evaluation: object): LogHeader {
  return parseHeader(JSON.stringify({ status: "success", eval: { task: "t", model: "hf/local", ...evaluation } }));
}
