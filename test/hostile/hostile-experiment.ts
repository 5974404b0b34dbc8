import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What of a hostile experiment a test chooses. Names may be anything that a folder can be called. */
export interface HostileExperiment {
  readonly runs: readonly string[];
  readonly task?: string;
  readonly name?: string;
  readonly question?: string;
  /** Lines of shell before the work of a training. */
  readonly training?: string;
  /** The same of an evaluation. */
  readonly evaluation?: string;
  /** Whatever else the summary says. */
  readonly more?: string;
}

/**
 * Writes an experiment whose names stand in its summary and its folders alone, so that only nightshift can do something
 * wrong with them. Each job appends the folder it runs in, and a null, to the file that `LEDGER` names in its environment.
 */
export function writeHostileExperiment(folder: string, { runs, task = "cap", training = "", evaluation = "", ...summary }: HostileExperiment): void {
  write(join(folder, "experiment_summary.yaml"), renderSummary(runs, task, summary));
  for (const run of runs) {
    write(join(folder, run, "finetune.slurm"), script(`${training}\n${trains}`));
    write(join(folder, run, "eval", `${task}_epoch0`, "cell.slurm"), script(`${evaluation}\n${evaluates}`));
  }
}

/** The folders in which the jobs of an experiment run, sorted. */
export function foldersOfJobs(folder: string, { runs, task = "cap" }: HostileExperiment): readonly string[] {
  return runs.flatMap((run) => [join(folder, run), join(folder, run, "eval", `${task}_epoch0`)]).toSorted();
}

// Every JSON string is a YAML string in double quotes.
function renderSummary(runs: readonly string[], task: string, { name = "hostile", question = "Does it hold?", more = "" }: Omit<HostileExperiment, "runs">): string {
  return `experiment: {name: ${JSON.stringify(name)}, question: ${JSON.stringify(question)}}
tools: {preparation: torchtune, evaluation: inspect-ai}
controls: {epochs: 1}
runs:
${runs.map((run) => `  - {name: ${JSON.stringify(run)}, type: fine-tuned, model: tiny, parameters: {}}`).join("\n")}
evaluation:
  tasks: [{name: ${JSON.stringify(task)}}]
  matrix:
${runs.map((run) => `    - {run: ${JSON.stringify(run)}, tasks: [${JSON.stringify(task)}], epochs: [0]}`).join("\n")}
${more}
`;
}

function script(commands: string): string {
  return `#!/bin/sh\n#SBATCH --time=00:05:00\nprintf '%s\\0' "$PWD" >>"$LEDGER"\n${commands}`;
}

const trains = `echo "Running TestRecipe with resolved config:"
printf '\\r1|10|Loss: 0.5: 100%%|##########| 10/10 [00:01<00:00, 10.00it/s]'
mkdir -p artifacts/epoch_0
echo weights >artifacts/epoch_0/adapter_model.safetensors
echo "Checkpoint saved in 0.01 seconds."
`;

const evaluates = `mkdir -p logs
cat >"logs/$(date -u +%Y-%m-%dT%H-%M-%S)-00-00_cap_$SLURM_JOB_ID.json" <<END
{"version": 2, "status": "success",
 "eval": {"task": "cap", "created": "$(date -u +%Y-%m-%dT%H:%M:%S)+00:00", "model": "hf/tiny", "dataset": {"samples": 20}, "config": {}, "metadata": {"epoch": 0}},
 "results": {"total_samples": 20, "completed_samples": 20, "scores": [{"name": "match", "scorer": "match", "params": {}, "metrics": {"accuracy": {"name": "accuracy", "value": 0.5, "params": {}}}}]},
 "stats": {"started_at": "", "completed_at": ""}, "samples": []}
END
`;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: path.endsWith(".slurm") ? 0o755 : 0o644 });
}
