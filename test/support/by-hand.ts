import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Runs scripts of a small experiment as a person did before there was nightshift. Their outputs go where sbatch would have put them. */
export function workByHand(experiment: string, scripts: readonly string[]): void {
  for (const [index, script] of scripts.entries()) {
    const id = String(101 + index);
    const { stdout } = spawnSync("sh", [join(experiment, script)], { cwd: dirname(join(experiment, script)), env: { ...process.env, SLURM_JOB_ID: id } });
    const artifacts = join(experiment, script.replace(/\/.*$/u, ""), "artifacts");
    mkdirSync(artifacts, { recursive: true });
    writeFileSync(join(artifacts, `slurm-${id}.out`), stdout);
  }
}

/** The scripts of an experiment, trainings first, relative to it. */
export function scriptsOf(experiment: string): readonly string[] {
  const scripts = readdirSync(experiment, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".slurm")).sort();
  return [...scripts.filter((name) => name.endsWith("finetune.slurm")), ...scripts.filter((name) => !name.endsWith("finetune.slurm"))];
}
