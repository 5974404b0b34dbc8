import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { reconcile } from "../../src/daemon/reconcile.ts";
import type { JobSeen } from "../../src/domain/job.ts";
import { inspectEvaluator } from "../../src/evaluators/inspect/inspect.ts";
import { readExperiment } from "../../src/experiment/read-experiment.ts";
import { emptyWorld } from "../support/scenario-world.ts";

// The layout of the documents: scripts and outputs in {run}/eval, all logs in {run}/eval/logs, no epoch in any of them.
const summary = `experiment: {name: "cap", project: "test", question: "?", date: "2025-12-07"}
tools: {preparation: "torchtune", evaluation: "inspect-ai"}
controls: {epochs: 2}
runs:
  - {name: "rank8", type: "fine-tuned", model: "tiny", parameters: {lora_rank: 8}}
  - {name: "rank80", type: "fine-tuned", model: "tiny", parameters: {lora_rank: 80}}
evaluation:
  tasks: [{name: "cap", script: "cap.py"}]
  matrix:
    - {run: "rank8", tasks: ["cap"], epochs: [0, 1]}
    - {run: "rank80", tasks: ["cap"], epochs: [0, 1]}
`;

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-jobs-")));
  write("experiment_summary.yaml", summary);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("where nothing but its job tells a log's epoch", () => {
  beforeEach(() => {
    for (const epoch of [0, 1]) write(`rank8/eval/cap_epoch${epoch}.slurm`, `#!/bin/sh\n#SBATCH --job-name=eval-cap-rank8-ep${epoch}\n`);
    write("rank8/eval/slurm-2773062.out", `Log: logs/${log("rank8/eval/logs", "a", {})}\n`);
    write("rank8/eval/slurm-2773063.out", `Log: logs/${log("rank8/eval/logs", "b", {})}\n`);
  });
  const evaluated = (name: string): string => `${logName(name)} counts; that it is of this evaluation is told by job`;

  test("what accounting calls the job does", async () => {
    const { found, asked } = await look([job("2773062", "eval-cap-rank8-ep1"), job("2773063", "eval-cap-rank8-ep0")]);
    expect(found).toEqual({
      rank8_cap_epoch0: `${evaluated("b")} 2773063, called eval-cap-rank8-ep0 by sacct`,
      rank8_cap_epoch1: `${evaluated("a")} 2773062, called eval-cap-rank8-ep1 by sacct`,
    });
    expect(asked).toEqual([["2773062", "2773063"], ["2773062", "2773063"]]);
  });

  test("which script it ran does before what it is called", async () => {
    const { found } = await look([job("2773062", "x", `${folder}/rank8/eval/cap_epoch1.slurm`), job("2773063", "eval-cap-rank8-ep1", `${folder}/rank8/eval/cap_epoch0.slurm`)]);
    expect(found).toMatchObject({ rank8_cap_epoch0: expect.stringContaining(evaluated("b")) as string, rank8_cap_epoch1: expect.stringContaining(evaluated("a")) as string });
  });

  test("what another tool noted of its submissions does, and nobody has to ask", async () => {
    write("eval_jobs.json", JSON.stringify({ experiment: "cap", evaluations: Object.fromEntries([["0", "2773063"], ["1", "2773062"]].map(([epoch, id]) =>
      [`rank8_cap_epoch${epoch}`, { run: "rank8", task: "cap", epoch: Number(epoch), job_id: id, status: "COMPLETED" }])) }));
    const { found, asked } = await look([]);
    expect(found).toEqual({
      rank8_cap_epoch0: `${evaluated("b")} 2773063, by eval_jobs.json`, rank8_cap_epoch1: `${evaluated("a")} 2773062, by eval_jobs.json`,
    });
    expect(asked).toEqual([]);
  });

  test("and where nobody remembers it, each log is left out and told once", async () => {
    const { found, problems } = await look([]);
    expect(found).toEqual({});
    expect(problems.map(({ file, message, found: what }) => [file, message, what])).toEqual(["a", "b"].map((name) => [
      join(folder, "rank8/eval/logs", logName(name)), "the evaluation log is left out, because it does not tell which evaluation it is of", "the same for rank8/cap/epoch0, rank8/cap/epoch1",
    ]));
  });
});

test("logs of several runs in one folder are told apart by what they say of their model", async () => {
  for (const run of ["rank8", "rank80"]) for (const epoch of [0, 1]) write(`${run}/eval/cap_epoch${epoch}.slurm`, "#!/bin/sh\ninspect eval cap.py --log-dir ../../logs-of-all\n");
  log("logs-of-all", "a", { metadata: { epoch: 1 }, model: "hf/rank8_epoch_1" });
  log("logs-of-all", "b", { metadata: { epoch: 1 }, model: "hf/rank80_epoch_1" });
  log("logs-of-all", "c", { metadata: { epoch: 0 } });
  const { logs, problems } = await look([]);
  expect(logs).toEqual({ rank8_cap_epoch1: [logName("a")], rank80_cap_epoch1: [logName("b")] });
  expect(problems.map(({ found }) => found)).toEqual(["the same for rank8/cap/epoch0, rank80/cap/epoch0"]);
});

test("outputs are looked for where any of those that share a folder has them", async () => {
  for (const run of ["rank8", "rank80"]) for (const epoch of [0, 1]) {
    write(`${run}/eval/cap_epoch${epoch}.slurm`, `#!/bin/sh\n#SBATCH --job-name=eval-cap-${run}-ep${epoch}\n#SBATCH --output=../artifacts/epoch_${epoch}/slurm-%j.out\ninspect eval cap.py --log-dir ../../logs-of-all\n`);
  }
  write("rank80/artifacts/epoch_1/slurm-7.out", `Log: ../../logs-of-all/${log("logs-of-all", "a", {})}\n`);
  const { logs, problems } = await look([job("7", "eval-cap-rank80-ep1")]);
  expect([logs, problems]).toEqual([{ rank80_cap_epoch1: [logName("a")] }, []]);
});

async function look(jobs: readonly JobSeen[]) {
  const asked: (readonly string[])[] = [];
  const { problems, facts } = await reconcile(folder, {
    ...emptyWorld().world, readExperiment, evaluator: () => inspectEvaluator(), optimizer: () => undefined,
    findJobs: async (_name, ids) => { asked.push(ids); return jobs.filter(({ id }) => ids.includes(id)); },
  }, { mayWrite: false });
  const readings = [...facts?.evaluations ?? []].filter(([, reading]) => reading.log !== undefined);
  return {
    asked,
    found: Object.fromEntries(readings.map(([key, { choice }]) => [key, choice])),
    logs: Object.fromEntries(readings.map(([key, reading]) => [key, [reading.log?.path.replace(/.*\//u, "")]])),
    problems: problems.filter(({ message }) => message.startsWith("the evaluation log")),
  };
}

function job(id: string, name: string, script?: string): JobSeen {
  return { id, name, state: "COMPLETED", startedAt: "2025-12-07T09:59:30+00:00", endedAt: "2025-12-07T10:20:00+00:00", ...(script === undefined ? {} : { script }) };
}

function log(logFolder: string, name: string, evaluation: object): string {
  const created = "2025-12-07T10:00:00+00:00";
  write(`${logFolder}/${logName(name)}`, JSON.stringify({ status: "success", eval: { task: "cap", model: "hf/local", created, ...evaluation }, results: { total_samples: 1, completed_samples: 1, scores: [] } }));
  return logName(name);
}

function logName(name: string): string {
  return `2025-12-07T10-00-00+00-00_cap_${name}.json`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
