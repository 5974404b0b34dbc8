import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What of a small experiment differs from test to test. */
export interface SmallExperiment {
  /** Fine-tuned runs by name; a control named `base` is added. */
  readonly runs?: readonly string[];
  readonly epochs?: number;
  /** A file to which every job appends `unit jobId` before its work: it lies outside nightshift's files. */
  readonly ledger: string;
  /** Shell commands that a job runs before its work, by unit as in the ledger: `sleep 5`, `exit 3`, a wait for a file. */
  readonly before?: Readonly<Record<string, string>>;
  /** Whether scripts name their folders from where they are submitted, as those must that may be copied and moved. */
  readonly isMovable?: boolean;
}

/**
 * Writes an experiment in the users' current layout whose jobs take milliseconds: sh scripts that print torchtune's
 * lines, write a checkpoint per epoch, and leave a log in inspect-ai's JSON form.
 */
export function writeSmallExperiment(folder: string, { runs = ["rank4", "rank8"], epochs = 2, ledger, before = {}, isMovable = false }: SmallExperiment): void {
  const numbers = [...Array(epochs).keys()];
  const scripts: Scripts = { ledger, before, folder: isMovable ? undefined : folder };
  write(join(folder, "experiment_summary.yaml"), summary(folder, runs, numbers, isMovable));
  for (const run of runs) {
    write(join(folder, run, "finetune.yaml"), `epochs: ${epochs}\noutput_dir: ${isMovable ? "artifacts" : join(folder, run, "artifacts")}/\n`);
    write(join(folder, run, "finetune.slurm"), trainingScript(run, numbers, scripts));
    for (const epoch of numbers) write(join(folder, run, "eval", `cap_epoch${epoch}`, "cell.slurm"), evaluationScript(run, epoch, scripts));
  }
  write(join(folder, "base", "eval", "cap", "cell.slurm"), evaluationScript("base", undefined, scripts));
}

/** The units of a small experiment, as its jobs write them into the ledger. */
export function unitsOf({ runs = ["rank4", "rank8"], epochs = 2 }: Pick<SmallExperiment, "runs" | "epochs">): string[] {
  return [...runs.flatMap((run) => [run, ...[...Array(epochs).keys()].map((epoch) => `${run}/cap/${epoch}`)]), "base/cap"].sort();
}

interface Scripts extends Required<Pick<SmallExperiment, "ledger" | "before">> {
  /** The experiment's folder, absent where no script names it. */
  readonly folder: string | undefined;
}

function summary(folder: string, runs: readonly string[], epochs: readonly number[], isMovable: boolean): string {
  return `experiment:
  name: ${JSON.stringify(folder.slice(folder.lastIndexOf("/") + 1))}
  project: "test"
  question: "Does it work through the night?"
  date: "2026-11-21"
${isMovable ? "" : `  dir: "${folder}"\n`}tools: {preparation: "torchtune", evaluation: "inspect-ai"}
controls: {epochs: ${epochs.length}}
runs:
${runs.map((run) => `  - {name: "${run}", type: "fine-tuned", model: "tiny", parameters: {lora_rank: 4}}`).join("\n")}
  - {name: "base", type: "control", model: "tiny", parameters: {}}
evaluation:
  tasks: [{name: "cap", script: "cap.py"}]
  matrix:
${runs.map((run) => `    - {run: "${run}", tasks: ["cap"], epochs: [${epochs.join(", ")}]}`).join("\n")}
    - {run: "base", tasks: ["cap"], epochs: null}
`;
}

function trainingScript(run: string, epochs: readonly number[], { folder, ledger, before }: Scripts): string {
  const artifacts = folder === undefined ? "artifacts" : join(folder, run, "artifacts");
  return `#!/bin/sh
#SBATCH --job-name=${run}
#SBATCH --time=00:05:00
#SBATCH --output=${artifacts}/slurm-%j.out

echo "${run} $SLURM_JOB_ID" >> '${ledger}'
${before[run] ?? ""}
echo "Running TestRecipe with resolved config:"
${epochs.map((epoch) => `printf '\\r${epoch + 1}|${(epoch + 1) * 10}|Loss: 0.${5 - epoch}: 100%%|##########| 10/10 [00:01<00:00, 10.00it/s]'
mkdir -p '${artifacts}/epoch_${epoch}'
echo weights > '${artifacts}/epoch_${epoch}/adapter_model.safetensors'
echo "Checkpoint saved in 0.01 seconds."`).join("\n")}
`;
}

function evaluationScript(run: string, epoch: number | undefined, { folder, ledger, before }: Scripts): string {
  const cell = epoch === undefined ? "cap" : `cap_epoch${epoch}`;
  const unit = epoch === undefined ? `${run}/cap` : `${run}/cap/${epoch}`;
  return `#!/bin/sh
#SBATCH --job-name=eval-${cell}
#SBATCH --time=00:05:00
#SBATCH --output=${folder === undefined ? "" : `${join(folder, run, "artifacts")}/`}slurm-%j.out

echo "${unit} $SLURM_JOB_ID" >> '${ledger}'
${before[unit] ?? ""}
${folder === undefined ? "" : `cd '${join(folder, run, "eval", cell)}' || exit 1`}
mkdir -p logs
cat > "logs/$(date -u +%Y-%m-%dT%H-%M-%S)-00-00_cap_$SLURM_JOB_ID.json" <<END
{"version": 2, "status": "success",
 "eval": {"task": "cap", "task_id": "t$SLURM_JOB_ID", "run_id": "r$SLURM_JOB_ID", "created": "$(date -u +%Y-%m-%dT%H:%M:%S)+00:00", "model": "hf/${run}${epoch === undefined ? "" : `_epoch_${epoch}`}", "dataset": {"samples": 20}, "config": {}, "metadata": ${epoch === undefined ? "{}" : `{"epoch": ${epoch}}`}},
 "results": {"total_samples": 20, "completed_samples": 20, "scores": [{"name": "match", "scorer": "match", "params": {}, "metrics": {"accuracy": {"name": "accuracy", "value": ${epoch === undefined ? 0.1 : 0.5 + epoch / 4}, "params": {}}}}]},
 "stats": {"started_at": "", "completed_at": ""}, "samples": []}
END
`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  if (path.endsWith(".slurm")) chmodSync(path, 0o755);
}
