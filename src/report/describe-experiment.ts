import type { ExperimentHappening } from "../domain/happening.ts";
import type { ExperimentState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import { formatElapsed } from "../domain/elapsed.ts";
import { evaluation, type ModuleWork, optimization, spanMs } from "./module-work.ts";
import type { ExperimentView } from "./units.ts";

interface Told {
  readonly at: Instant;
  readonly experiment: string;
}

/** Tells what happened to an experiment as a whole, short of its end. */
export function describeExperiment(before: ExperimentState | undefined, { state: { life } }: ExperimentView, told: Told): ExperimentHappening[] {
  const was = before?.life;
  const tell = (what: ExperimentHappening["what"], reason?: string): ExperimentHappening =>
    ({ ...told, kind: "experiment", subject: told.experiment, what, ...(reason === undefined ? {} : { reason }) });
  const isNewlyArmed = life.context.armedAt !== undefined && life.context.armedAt !== was?.context.armedAt;
  const isNewReason = was?.state !== life.state || was.context.reason !== life.context.reason;
  const { reason, armedBy } = life.context;
  const isUnderWay = life.state === "working" || life.state === "finished";
  const wasUnderWay = was?.state === "working" || (was?.state === "finished" && life.state === "finished");
  return [
    ...(before === undefined ? [tell("discovered")] : []),
    ...(isNewlyArmed ? [tell(was?.state === "held" ? "released" : "armed", armedBy)] : []),
    ...(was?.state === "finished" && (life.state === "settling" || life.state === "working") ? [tell("reopened", "new work appeared")] : []),
    ...(life.state === "held" && isNewReason ? [tell("held", reason)] : []),
    // The first reason of a settling experiment only repeats who armed it.
    ...(life.state === "settling" && isNewReason && reason?.startsWith("armed: ") !== true ? [tell("waiting", reason)] : []),
    ...(isUnderWay && !wasUnderWay ? [tell("started")] : []),
  ];
}

/** Tells the end of an experiment: all of its work is over, whichever way. */
export function describeFinish(before: ExperimentState | undefined, view: ExperimentView, told: Told): ExperimentHappening[] {
  if (view.state.life.state !== "finished" || before?.life.state === "finished") return [];
  return [{ ...told, kind: "experiment", subject: told.experiment, what: "finished", reason: outcomeOf(view) }];
}

/** How an experiment ended, in one line: `2/2 trainings and 5/6 evaluations completed in 25m 3s`. */
export function outcomeOf(view: ExperimentView): string {
  const works = [optimization(view), evaluation(view)];
  const span = spanMs(...works);
  const share = ({ module, units }: ModuleWork): string[] => {
    const completed = units.filter(({ status }) => status === "COMPLETED").length;
    return units.length === 0 ? [] : [`${completed}/${units.length} ${module === "optimization" ? "trainings" : "evaluations"}`];
  };
  const shares = works.flatMap(share);
  return `${shares.length === 0 ? "nothing to do" : `${shares.join(" and ")} completed`}${span === undefined ? "" : ` in ${formatElapsed(span)}`}`;
}
