import type { Command } from "commander";

import type { Pass } from "../daemon/reconcile.ts";
import { evaluationKey, type Experiment, isTrained } from "../domain/experiment.ts";
import { plainLine } from "../domain/plain-text.ts";
import { renderProblem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { evaluationStatus, runStatus } from "../domain/status.ts";
import { renderClosingReport } from "../report/closing-report.ts";
import { shellQuote } from "../report/shell.ts";
import { outlookNow } from "../rules/outlook.ts";
import { openScreen, type Screen } from "./screen.ts";
import { openSession } from "./session.ts";
import { untilStopped } from "./signals.ts";
import { findExperimentFolder } from "./target.ts";
import { complain } from "./tell.ts";
import { addWorkOptions, notifyFrom, settingsFrom, type WorkFlags } from "./work-options.ts";

/** `nightshift run`: works on one experiment until it is finished, then reports. */
export function addRun(program: Command): void {
  addWorkOptions(program.command("run"))
    .description("work on one experiment until it is finished, then report; exit code 0 if everything succeeded, 1 if not, 2 if it is invalid")
    .argument("[experiment]", "its folder; by default the current one")
    .addHelpText("after", "\nExample:\n  nightshift run ~/experiments/cap_sweep --evaluate-after all")
    .action(async (experiment: string | undefined, flags: WorkFlags) => { process.exitCode = await run(experiment, flags); });
}

async function run(experiment: string | undefined, flags: WorkFlags): Promise<number> {
  const folder = findExperimentFolder(experiment);
  const settings = settingsFrom(flags);
  const screen = openScreen({ format: flags.logFormat, title: `running ${folder}` });
  let end = (_how: Ending): void => {};
  const ended = new Promise<Ending>((resolve) => { end = resolve; });
  const stopped = untilStopped();
  let attemptsBefore: number | undefined;
  const session = await openSession({
    purpose: `run ${folder}`, roots: [], named: [folder], flags: settings, dryRun: false, voice: screen.voice, notify: notifyFrom(flags),
    onPass: (pass) => {
      screen.show(pass);
      attemptsBefore ??= countAttempts(pass.before);
      const ending = endingOf(pass);
      if (ending !== undefined) end(ending);
    },
  });
  screen.begin();
  const how = await Promise.race([ended, stopped]);
  screen.end();
  await session.stop();
  if (typeof how === "string") {
    screen.conclude(`Stopped by ${how}; jobs keep running. Resume with: nightshift run ${shellQuote(folder)}`);
    return 1;
  }
  return report(how.pass, screen, attemptsBefore ?? 0);
}

interface Ending {
  readonly pass: Pass;
}

// Settling and whatever a running job may still change is worth waiting for, and so is a disk that takes no state just now;
// a person's decision is not.
function endingOf(pass: Pass): Ending | undefined {
  const { state, facts, foreign, isKept, isUnwritten, lookAgainMs } = pass;
  if (state === undefined || facts === undefined || foreign !== undefined) return { pass };
  if (isUnwritten) return undefined;
  const isWaitingForScripts = state.life.state === "settling" && lookAgainMs === undefined;
  return (state.life.state === "held" && isKept) || isWaitingForScripts || outlookNow(state, facts) !== "busy" ? { pass } : undefined;
}

function report({ state, facts, problems }: Pass, screen: Screen, attemptsBefore: number): number {
  if (state === undefined || facts === undefined) {
    complain(problems.map((problem) => plainLine(renderProblem(problem))).join("\n"));
    return 2;
  }
  if (facts.obstacle !== undefined || state.life.state === "settling" || state.life.state === "held") {
    const why = facts.obstacle ?? state.life.context.reason ?? "";
    const word = why.startsWith("invalid: ") ? "is" : state.life.state === "held" || facts.obstacle !== undefined ? "is held:" : "has not begun:";
    complain(`${plainLine(facts.experiment.name)} ${word} ${plainLine(why)}\nLook closer with: nightshift check ${shellQuote(facts.experiment.folder)}`);
    return 2;
  }
  const statuses = [
    ...facts.experiment.runs.map(({ name }) => state.runs[name]).flatMap((life) => (life === undefined ? [] : [runStatus(life)])),
    ...facts.experiment.evaluations.map((evaluation) => state.evaluations[evaluationKey(evaluation)]).flatMap((life) => (life === undefined ? [] : [evaluationStatus(life)])),
  ];
  const isComplete = statuses.every((status) => status === "COMPLETED");
  if (isComplete && countAttempts(state) === attemptsBefore) screen.conclude(`Nothing was submitted: all of ${plainLine(facts.experiment.name)} (${describeWork(facts.experiment)}) stands there complete.`);
  screen.conclude(renderClosingReport({ experiment: facts.experiment, state }));
  return isComplete ? 0 : 1;
}

function countAttempts(state: ExperimentState | undefined): number {
  return [...Object.values(state?.runs ?? {}), ...Object.values(state?.evaluations ?? {})].reduce((count, { context }) => count + context.attempts.length, 0);
}

function describeWork({ runs, evaluations }: Experiment): string {
  const trainings = runs.filter(isTrained).length;
  return [[trainings, "training"] as const, [evaluations.length, "evaluation"] as const].filter(([count]) => count > 0).map(([count, noun]) => `${count} ${noun}${count === 1 ? "" : "s"}`).join(" and ");
}
