import { existsSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { evaluationKey } from "../../src/domain/experiment.ts";
import { type ParsedSummary, parseSummary } from "../../src/experiment/parse-summary.ts";
import { readExperiment } from "../../src/experiment/read-experiment.ts";
import { recorded } from "./temp-tree.ts";

const examples = recorded("cruijff-kit");

describe.skipIf(!existsSync(examples))("summaries of real generations", () => {
  function parse(path: string): ParsedSummary {
    return parseSummary(readFileSync(`${examples}/${path}`, "utf8"), { file: "experiment_summary.yaml", folder: "/experiments/x" });
  }

  test.each([
    ["examples/2_mid_experiment_summary_2025-11.yaml", 3, 5],
    ["examples/3_newest_experiment_summary_2026-06.yaml", 4, 8],
    ["fixtures/design/experiment_summary.2026-03-16.yaml", 2, 2],
    ["fixtures/design/experiment_summary.yaml", 2, 2],
  ])("%s is understood without a word", (path, runs, evaluations) => {
    const { experiment, problems } = parse(path);
    expect(problems).toEqual([]);
    expect(experiment?.runs).toHaveLength(runs);
    expect(experiment?.evaluations).toHaveLength(evaluations);
  });

  test("of 2025-11 shows its learning rates as written and says where its outputs are", () => {
    const { experiment, aliases } = parse("examples/2_mid_experiment_summary_2025-11.yaml");
    expect(experiment?.runs.map(({ parameters }) => parameters["learning_rate"])).toEqual(["1e-5", "5e-5", undefined]);
    expect(experiment?.hints).toEqual({
      directory: "/scratch/gpfs/GRP/ada/ck-experiments/cap_7L_rank_lr_2025-11-28", outputBase: "/scratch/gpfs/GRP/ada/ck-outputs/cap_7L_rank_lr_2025-11-28",
    });
    expect(aliases).toContain("experiment.directory (now experiment.dir)");
  });

  test("of 2026-06 evaluates an older checkpoint without an epoch", () => {
    const { experiment } = parse("examples/3_newest_experiment_summary_2026-06.yaml");
    expect(experiment?.runs[3]).toMatchObject({ type: "eval-only", checkpointPath: "/scratch/gpfs/GRP/ada/ck-projects/folktexts/earlier_2026-05-30/1B_rank8/artifacts/epoch_1" });
    expect(experiment?.evaluations.map(evaluationKey)).toEqual([
      "1B_rank8_acs_income_plain_epoch0", "1B_rank8_acs_income_plain_epoch1", "1B_rank8_acs_income_cue_epoch0", "1B_rank8_acs_income_cue_epoch1",
      "1B_rank32_cueprompt_acs_income_cue_epoch1", "1B_control_acs_income_plain", "1B_control_acs_income_cue", "prior_rank8_epoch1_acs_income_plain",
    ]);
  });
});

describe.skipIf(!existsSync(recorded("torchtune-real")))("recorded experiments", () => {
  test.each([
    ["cap_current", 4, 14, []],
    ["cap_fail", 4, 9, []],
    ["extras", 3, 5, ["rank4_lr2e-4/refused.slurm"]],
  ])("%s is read, all scripts found, and held because its scripts name the folder it was recorded in", async (name, runs, evaluations, strays) => {
    const reading = await readExperiment(recorded(`torchtune-real/${name}/tree/${name}`));
    expect(reading.experiment?.runs).toHaveLength(runs);
    expect(reading.experiment?.evaluations).toHaveLength(evaluations);
    expect(reading.missing).toEqual({ training: [], evaluations: [] });
    expect(reading.strayScripts).toEqual(strays);
    expect(reading.problems.filter(({ severity }) => severity === "error")).toMatchObject([{ message: expect.stringContaining("this names the folder the experiment was designed in"), line: 12, column: 18 }]);
    expect(reading.traces.length).toBeGreaterThan(3);
    for (const { name: run, type } of reading.experiment?.runs ?? []) {
      if (type === "fine-tuned") expect(reading.places?.runs.get(run)?.checkpointFolders[0]).toBe(`${reading.folder}/${run}/artifacts`);
    }
  });
});
