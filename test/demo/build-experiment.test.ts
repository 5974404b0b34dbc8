import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { buildDemoExperiment } from "../../src/demo/build-experiment.ts";
import { demoSize } from "../../src/demo/plan.ts";
import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";
import { expandPattern } from "../../src/domain/sbatch-values.ts";

const plan = { finalFolder: "/home/ada/experiments/capitalization", node: "/opt/node", program: "/opt/demo-job.js", seed: 42, date: "2026-11-21", size: demoSize };
const files = buildDemoExperiment(plan);

describe("the demo's experiment", () => {
  test("is scaffolded in the current layout", () => {
    expect(files.map(({ path }) => path).toSorted()).toEqual([
      "base_model/config.json",
      "experiment_summary.yaml",
      "nightshift-demo_base/eval/capitalization/cell.slurm",
      "nightshift-demo_base/eval/capitalization/eval.yaml",
      ...["rank8_lr1e-3", "rank8_lr2e-3"].flatMap((run) => [
        `${run}/eval/capitalization_epoch0/cell.slurm`,
        `${run}/eval/capitalization_epoch0/eval.yaml`,
        `${run}/eval/capitalization_epoch1/cell.slurm`,
        `${run}/eval/capitalization_epoch1/eval.yaml`,
        `${run}/finetune.slurm`,
        `${run}/finetune.yaml`,
      ]),
      "words.json",
    ]);
  });

  test("is the same for the same plan", () => {
    expect(buildDemoExperiment(plan)).toEqual(files);
  });

  test("is designed with two learning rates, a control and two epochs", () => {
    expect(parse(textOf("experiment_summary.yaml"))).toMatchObject({
      experiment: { name: "capitalization", dir: "/home/ada/experiments/capitalization", date: "2026-11-21" },
      tools: { preparation: "torchtune", evaluation: "inspect-ai" },
      controls: { epochs: 2, seed: 42 },
      runs: [
        { name: "rank8_lr1e-3", type: "fine-tuned", parameters: { lr: 0.001 } },
        { name: "rank8_lr2e-3", type: "fine-tuned", parameters: { lr: 0.002 } },
        { name: "nightshift-demo_base", type: "control", parameters: {} },
      ],
      evaluation: {
        tasks: [{ name: "capitalization" }],
        matrix: [
          { run: "rank8_lr1e-3", tasks: ["capitalization"], epochs: [0, 1] },
          { run: "rank8_lr2e-3", tasks: ["capitalization"], epochs: [0, 1] },
          { run: "nightshift-demo_base", tasks: ["capitalization"], epochs: null },
        ],
      },
    });
  });

  test("writes learning rates as people do, and a date that stays text for readers of YAML 1.1", () => {
    expect(textOf("experiment_summary.yaml")).toContain("      lr: 2e-3\n");
    expect(textOf("experiment_summary.yaml")).toContain('  date: "2026-11-21"\n');
  });

  test("asks for its outputs where the toolkit's scripts do", () => {
    const outputs = files.filter(({ path }) => path.endsWith(".slurm")).map(({ path, text }) => [path, parseSbatchScript(text).options.get("output")]);
    expect(Object.fromEntries(outputs)).toMatchObject({
      "rank8_lr1e-3/finetune.slurm": "/home/ada/experiments/capitalization/rank8_lr1e-3/artifacts/slurm-%j.out",
      "rank8_lr1e-3/eval/capitalization_epoch1/cell.slurm": "/home/ada/experiments/capitalization/rank8_lr1e-3/artifacts/epoch_1/slurm-%j.out",
      "nightshift-demo_base/eval/capitalization/cell.slurm": "/home/ada/experiments/capitalization/nightshift-demo_base/artifacts/slurm-%j.out",
    });
  });

  test.each([
    ["a blank", "/home/ada/my experiments/cap"],
    ["an apostrophe", "/home/ada/it's/cap"],
    ["a double quote", '/home/ada/"new"/cap'],
    ["a hash, which ends a directive", "/home/ada/exp #1/cap"],
    ["a percent sign, which begins a symbol", "/home/ada/100%jobs/cap"],
    ["a dollar sign and a backtick", "/home/ada/$HOME`id`/cap"],
  ])("can stand in a folder with %s in its name", (_what, finalFolder) => {
    const { text } = buildDemoExperiment({ ...plan, finalFolder }).find(({ path }) => path === "rank8_lr1e-3/finetune.slurm") ?? { text: "" };
    const { options, fault, isShell } = parseSbatchScript(text);
    expect({ fault, isShell, name: options.get("job-name"), time: options.get("time") }).toEqual({ fault: undefined, isShell: true, name: "rank8_lr1e-3", time: "00:10:00" });
    expect(expandPattern(options.get("output") ?? "", { jobId: "7", jobName: "x", user: "ada" })).toBe(`${finalFolder}/rank8_lr1e-3/artifacts/slurm-7.out`);
  });
});

function textOf(path: string): string {
  return files.find((file) => file.path === path)?.text ?? "";
}
