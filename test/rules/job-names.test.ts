import { describe, expect, test } from "vitest";

import { type Evaluation, evaluationKey, evaluationTitle } from "../../src/domain/experiment.ts";
import type { EvaluationPlaces } from "../../src/domain/places.ts";
import { evaluationsNamed, evaluationsOfJob } from "../../src/rules/job-names.ts";

// Evaluations are written run/task/epochs, with - for a control.
const design = (text: string): readonly Evaluation[] => text.split(" ").flatMap((cell) => {
  const [run = "", task = "", epochs = ""] = cell.split("/");
  return epochs.split(",").map((epoch) => ({ run, task, epoch: epoch === "-" ? null : Number(epoch) }));
});
const long = "x".repeat(300);

describe("a job's name is that of", () => {
  test.each<[string, string, string, string]>([
    ["its task, run and epoch", "eval-general_eval-lowlr-ep9", "lowlr/general_eval/0,9", "lowlr/general_eval/epoch9"],
    ["the first epoch rather than the tenth", "eval-cap-r8-ep1", "r8/cap/1,10", "r8/cap/epoch1"],
    ["the tenth epoch rather than the first", "eval-cap-r8-ep10", "r8/cap/1,10", "r8/cap/epoch10"],
    ["the run rather than one that begins alike", "eval-cap-r8-ep1", "r8/cap/1 r80/cap/1", "r8/cap/epoch1"],
    ["its task and epoch, of any run", "eval-cap-ep1", "r8/cap/0,1 r80/cap/1", "r8/cap/epoch1, r80/cap/epoch1"],
    ["a task with hyphens", "eval-a-b-c-ep1", "c/a-b/0,1", "c/a-b/epoch1"],
    ["either, where task and run can be told apart in two ways", "eval-a-b-c-ep1", "c/a-b/1 b-c/a/1", "c/a-b/epoch1, b-c/a/epoch1"],
    ["either, where a task ends like a run", "eval-a-b-ep1", "b/a/1 c/a-b/1", "b/a/epoch1, c/a-b/epoch1"],
    ["a run that is named like an epoch", "eval-cap-r-ep3-ep1", "r-ep3/cap/0,1", "r-ep3/cap/epoch1"],
    ["either, where a run without epochs is named like an epoch of another", "eval-cap-r-ep3", "r-ep3/cap/- r/cap/3", "r-ep3/cap, r/cap/epoch3"],
    ["a control", "eval-cap-base", "base/cap/- r8/cap/0", "base/cap"],
    ["a control, by its task alone", "eval-cap", "base/cap/-", "base/cap"],
    ["any epoch, in the form of before", "eval-cap-r8", "r8/cap/0,1", "r8/cap/epoch0, r8/cap/epoch1"],
    ["what was submitted once more", "eval-cap-rank8-ep1_2", "rank8/cap/1,2", "rank8/cap/epoch1"],
    ["either, where a run ends like what was submitted once more", "eval-cap-x-ep3_2", "x-ep3_2/cap/- x/cap/3", "x-ep3_2/cap, x/cap/epoch3"],
    ["a script without a name for its job", "cap_epoch1.slurm", "r8/cap/0,1", "r8/cap/epoch1"],
    ["long names", `eval-${long}-${long}-ep1`, `${long}/${long}/0,1`, `${long}/${long}/epoch1`],
    ["nothing, beyond the epochs of the design", "eval-cap-r8-ep7", "r8/cap/0,1", ""],
    ["nothing, with any other addition", "eval-cap-r8-ep1-again", "r8/cap/0,1", ""],
    ["nothing, when it is a control's with an epoch", "eval-cap-base-ep0", "base/cap/-", ""],
    ["nothing, in another case", "Eval-Cap-r8-ep1", "r8/cap/1", ""],
    ["nothing, when it is of something else", "finetune", "r8/cap/0", ""],
    ["nothing, when it is empty", "", "r8/cap/0", ""],
  ])("%s", (_what, name, evaluations, found) => {
    expect(evaluationsNamed(name, design(evaluations)).map(evaluationTitle).join(", ")).toBe(found);
  });
});

describe("a job was for", () => {
  const evaluations = design("r8/cap/0,1 r8/rev/0");
  const place = (script: string, jobName?: string): EvaluationPlaces => ({
    script, scriptCandidates: [], submitFolder: "", logFolders: [], logsAreShared: true, configFiles: [], ...(jobName === undefined ? {} : { jobName }),
  });
  const places = (jobNames: readonly (string | undefined)[]) => ({
    evaluations: new Map(evaluations.map((evaluation, index) => [evaluationKey(evaluation), place(`/x/${index}.slurm`, jobNames[index])])),
  });

  test.each<[string, { script?: string; name: string }, readonly (string | undefined)[], string]>([
    ["the evaluation whose script it ran, whatever it is called", { script: "/x/0.slurm", name: "eval-cap-r8-ep1" }, [], "r8/cap/epoch0"],
    ["the one whose script calls its jobs so", { name: "cell b" }, ["cell a", "cell b", "cell c"], "r8/cap/epoch1"],
    ["one of those whose scripts call their jobs so, whatever the form says", { name: "eval-cap-r8-ep0" }, ["eval-cap-r8-ep0", "eval-cap-r8-ep0", "eval-rev-r8-ep0"], "r8/cap/epoch0, r8/cap/epoch1"],
    ["the one that its name says, where no script stands there", { script: "/gone/1.slurm", name: "eval-cap-r8-ep1" }, [], "r8/cap/epoch1"],
    ["nothing that is known", { script: "/x/9.slurm", name: "job" }, [], ""],
  ])("%s", (_what, job, jobNames, found) => {
    expect(evaluationsOfJob(job, evaluations, places(jobNames)).map(evaluationTitle).join(", ")).toBe(found);
  });
});
