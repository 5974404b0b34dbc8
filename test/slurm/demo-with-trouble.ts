import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseDocument } from "yaml";

import { task } from "../../src/demo/plan.ts";
import { writeDemoExperiment } from "../../src/demo/write-experiment.ts";

/**
 * Writes the demo's experiment with two runs more: `fails` ends with code 3, and `too_slow` would never end, but has a
 * minute. The evaluation of rank8_lr2e-3 at epoch 0 makes a file and waits to be cancelled.
 */
export async function writeDemoWithTrouble(folder: string, program: string, begun: string): Promise<void> {
  await writeDemoExperiment(folder, { node: process.execPath, program, seed: 14 });
  for (const run of ["fails", "too_slow"]) addRun(folder, run);
  begin(join(folder, "fails/finetune.slurm"), String.raw`printf 'Traceback (most recent call last):\n  File "recipe.py", line 1, in <module>\nValueError: no such learning rate\n' >&2; exit 3`);
  begin(join(folder, "too_slow/finetune.slurm"), forever);
  change(join(folder, "too_slow/finetune.slurm"), (text) => text.replace(/--time=\S+/u, "--time=00:01:00"));
  begin(join(folder, `rank8_lr2e-3/eval/${task}_epoch0/cell.slurm`), `touch '${begun}'; ${forever}`);
}

const forever = "while :; do sleep 1; done";

function addRun(folder: string, run: string): void {
  cpSync(join(folder, "rank8_lr1e-3"), join(folder, run), { recursive: true });
  for (const name of readdirSync(join(folder, run), { recursive: true, encoding: "utf8" })) {
    const file = join(folder, run, name);
    if (statSync(file).isFile()) change(file, (text) => text.replaceAll("rank8_lr1e-3", run));
  }
  change(join(folder, "experiment_summary.yaml"), (text) => {
    const summary = parseDocument(text);
    summary.addIn(["runs"], { name: run, type: "fine-tuned", model: "nightshift-demo", parameters: { lr: "1e-2" } });
    summary.addIn(["evaluation", "matrix"], { run, vis_label: run, tasks: [task], epochs: [0, 1] });
    return summary.toString({ lineWidth: 0 });
  });
}

// The first empty line ends the directives.
function begin(script: string, line: string): void {
  change(script, (text) => text.replace("\n\n", () => `\n\n${line}\n`));
}

function change(file: string, edit: (text: string) => string): void {
  writeFileSync(file, edit(readFileSync(file, "utf8")));
}
