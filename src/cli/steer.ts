import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import type { Command } from "commander";

import { openLeases } from "../daemon/leases.ts";
import { type Pass, reconcile } from "../daemon/reconcile.ts";
import type { World } from "../daemon/world.ts";
import type { Experiment } from "../domain/experiment.ts";
import type { Request } from "../domain/request.ts";
import { assemble } from "../main.ts";
import { describeSteering } from "../report/steering.ts";
import { writeRequest } from "../state/requests.ts";
import { findTarget, type Target } from "./target.ts";
import { tell } from "./tell.ts";
import { who } from "./who.ts";
import { WrongUse } from "./wrong-use.ts";

type Action = "release" | "hold" | "retry" | "cancel";

const commands: readonly (readonly [Action, description: string, example: string])[] = [
  ["release", "let what is held go on: an experiment, a run, an evaluation; or a submission that nobody knows of be made again", "~/experiments/cap_sweep/rank8_lr1e-5"],
  ["hold", "submit nothing more for an experiment, a run or an evaluation; running jobs go on", "~/experiments/cap_sweep/rank8_lr1e-5"],
  ["retry", "do again what failed or was cancelled; with a run or an evaluation named, also what succeeded", "~/experiments/cap_sweep/rank8_lr1e-5/capitalization/1"],
  ["cancel", "cancel the jobs of an experiment, a run or an evaluation, and submit nothing more for it", "~/experiments/cap_sweep/rank8_lr1e-5"],
];

/** `nightshift release`, `hold`, `retry` and `cancel`. */
export function addSteering(program: Command): void {
  for (const [action, description, example] of commands) {
    program.command(action)
      .description(description)
      .argument("[target]", "EXPERIMENT[/RUN[/TASK[/EPOCH]]]; by default the current folder")
      .addHelpText("after", `\nExample:\n  nightshift ${action} ${example}`)
      .action(async (target: string | undefined) => { tell(await steer(action, findTarget(target))); });
  }
}

/**
 * Puts a person's decision on record: through the daemon that takes care of the experiment if there is one, on any
 * login node, or else directly. Submits nothing itself; what is to be cancelled is cancelled at once where no daemon does it.
 *
 * @returns What became of it, for the terminal.
 */
async function steer(action: Action, { folder, ...unit }: Target): Promise<string> {
  const { world } = await assemble({ flags: {}, roots: [folder] });
  const { experiment } = await world.readExperiment(folder);
  if (experiment !== undefined) demandUnit(experiment, unit);
  const request: Request = { action, by: who(), at: world.now(), ...unit };
  const file = writeRequest(folder, request, world.nonce());
  const leases = openLeases(action);
  try {
    let holder: string | undefined;
    for (let tries = 0; tries < 50; tries += 1) {
      const lease = leases.take(folder);
      // Also when whoever had it ended while this one waited.
      if (lease.kind === "ours") return told(request, await cancelled(await reconcile(folder, world, { mayWrite: true, submitsNothing: true }), world));
      holder = lease.holder;
      await pause(200);
      if (!existsSync(file)) return `${told(request, await reconcile(folder, world, { mayWrite: false }))}\nDone, by ${holder}.`;
    }
    return `Left for ${holder}, which has not answered within 10 s; it counts as soon as that process looks.`;
  } finally {
    leases.releaseAll();
  }
}

async function cancelled(pass: Pass, world: World): Promise<Pass> {
  const intents = pass.wishes.flatMap((wish) => (wish.kind === "cancel" ? [wish.intent] : []));
  const scheduler = pass.state?.life.context.scheduler;
  if (intents.length === 0 || scheduler === undefined) return pass;
  for (const intent of intents) await world.scheduler(scheduler)?.cancel(intent);
  return reconcile(pass.folder, world, { mayWrite: true, submitsNothing: true });
}

function told(request: Request, pass: Pass): string {
  const { kind, text } = describeSteering(request, pass);
  if (kind === "obstacle") throw new WrongUse(text);
  return text;
}

function demandUnit({ folder, runs, evaluations }: Experiment, { run, task, epoch }: Omit<Target, "folder">): void {
  if (run === undefined) return;
  if (!runs.some(({ name }) => name === run)) throw new WrongUse(`${folder} has no run ${run}; its runs are ${runs.map(({ name }) => name).join(", ")}`);
  const ofRun = evaluations.filter((evaluation) => evaluation.run === run);
  const tasks = [...new Set(ofRun.map((evaluation) => evaluation.task))];
  if (task !== undefined && !tasks.includes(task)) throw new WrongUse(`${run} is not evaluated on ${task}; its tasks are ${tasks.join(", ")}`);
  const epochs = ofRun.filter((evaluation) => evaluation.task === task).map((evaluation) => evaluation.epoch);
  if (epoch !== undefined && !epochs.includes(epoch)) throw new WrongUse(`${run}/${task ?? ""} has no epoch ${epoch}; its epochs are ${epochs.map((one) => one ?? "none").join(", ")}`);
}
