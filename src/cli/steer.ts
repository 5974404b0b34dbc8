import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import type { Command } from "commander";

import { openLeases } from "../daemon/leases.ts";
import { type Pass, reconcile } from "../daemon/reconcile.ts";
import { plainLine } from "../domain/plain-text.ts";
import { renderProblem } from "../domain/problem.ts";
import type { Request } from "../domain/request.ts";
import { assemble } from "../main.ts";
import { shellQuote } from "../report/shell.ts";
import { writeRequest } from "../state/requests.ts";
import { findTarget } from "./target.ts";
import { who } from "./who.ts";
import { WrongUse } from "./wrong-use.ts";

/** `nightshift release` and `nightshift hold`. */
export function addSteering(program: Command): void {
  for (const [action, description] of [
    ["release", "let a held experiment, or one held run of it, go on"],
    ["hold", "submit nothing more for an experiment or one of its runs; running jobs go on"],
  ] as const) {
    program.command(action)
      .description(description)
      .argument("[target]", "EXPERIMENT or EXPERIMENT/RUN; by default the current folder")
      .addHelpText("after", `\nExample:\n  nightshift ${action} ~/experiments/cap_sweep/rank8_lr1e-5`)
      .action(async (target: string | undefined) => { process.stdout.write(`${await steer(action, target)}\n`); });
  }
}

/**
 * Puts a person's decision on record: through the daemon that takes care of the experiment if there is one, on any
 * login node, or else directly. Submits nothing itself.
 *
 * @returns What became of it, for the terminal.
 */
async function steer(action: "release" | "hold", text: string | undefined): Promise<string> {
  const { folder, run } = findTarget(text);
  const { world } = await assemble({ flags: {}, roots: [] });
  const { experiment } = await world.readExperiment(folder);
  if (run !== undefined && experiment !== undefined && !experiment.runs.some(({ name }) => name === run)) {
    throw new WrongUse(`${folder} has no run ${run}; its runs are ${experiment.runs.map(({ name }) => name).join(", ")}`);
  }
  const request: Request = { action, by: who(), at: world.now(), ...(run === undefined ? {} : { run }) };
  const file = writeRequest(folder, request, world.nonce());
  const leases = openLeases(action);
  try {
    let holder = "";
    for (let tries = 0; tries < 50; tries += 1) {
      const lease = leases.take(folder);
      // Also when whoever had it ended while this one waited.
      if (lease.kind === "ours") return outcome(action, run, await reconcile(folder, world, { mayWrite: true }));
      holder = lease.holder;
      await pause(200);
      if (!existsSync(file)) return `Done, by ${holder}.`;
    }
    return `Left for ${holder}, which has not answered within 10 s; it counts as soon as that process looks.`;
  } finally {
    leases.releaseAll();
  }
}

function outcome(action: "release" | "hold", run: string | undefined, { folder, facts, state, problems }: Pass): string {
  if (facts === undefined || state === undefined) {
    throw new WrongUse(`noted, and it counts once ${folder} is mended: ${problems.map(renderProblem).join("; ")}`);
  }
  const name = plainLine(run === undefined ? facts.experiment.name : `${run} of ${facts.experiment.name}`);
  const target = shellQuote(run === undefined ? folder : `${folder}/${run}`);
  if (action === "hold") return `${name} is held: nothing more is submitted for it, and jobs that are there go on. To let it go on: nightshift release ${target}`;
  if (facts.obstacle !== undefined) throw new WrongUse(`noted, but ${name} cannot go on: ${facts.obstacle}`);
  if (state.life.state === "finished") return `${name} is finished; nothing is left to do.`;
  if (state.life.state === "held") return `${name} is released, but the whole experiment is held. To let it go on: nightshift release ${shellQuote(folder)}`;
  return `${name} is released. A nightshift that watches its folder goes on with it; where there is none: nightshift run ${shellQuote(folder)}`;
}
