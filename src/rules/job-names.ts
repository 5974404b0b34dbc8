import { cellName, type Evaluation, evaluationKey } from "../domain/experiment.ts";
import type { JobSeen } from "../domain/job.ts";
import type { EvaluationPlaces, Places } from "../domain/places.ts";

/**
 * Finds the evaluations that a job may have been for: by its script, else by its name. None where neither says anything.
 *
 * A script that stands there tells what its jobs are called, whatever that looks like; where several are called the same
 * the name tells no more than that it is one of them. Only a name that no script gives is read by its form.
 */
export function evaluationsOfJob({ script, name }: Pick<JobSeen, "script" | "name">, evaluations: readonly Evaluation[], { evaluations: places }: Pick<Places, "evaluations">): readonly Evaluation[] {
  const those = (test: (place: EvaluationPlaces) => boolean): readonly Evaluation[] => evaluations.filter((evaluation) => {
    const place = places.get(evaluationKey(evaluation));
    return place !== undefined && test(place);
  });
  const byScript = script === undefined ? [] : those((place) => place.script === script);
  if (byScript.length > 0) return byScript;
  const byName = those(({ jobName }) => jobName !== undefined && jobName === name);
  return byName.length > 0 ? byName : evaluationsNamed(name, evaluations);
}

/**
 * Finds the evaluations whose job may have a name by its form: `eval-{task}-{run}-ep{N}`, in some versions without run or
 * epoch; or, where a script gives no name, the script's own, `{task}_epoch{N}.slurm`.
 *
 * Task and run may hold hyphens, and a run's name may end like an epoch's: so names are built from the evaluations there
 * are and compared as a whole. A name that says no epoch may be of any.
 */
export function evaluationsNamed(jobName: string, evaluations: readonly Evaluation[]): readonly Evaluation[] {
  // A resubmitted job's `_2` behind the epoch, and no other addition: it could be the rest of another run's name.
  const names = [jobName, jobName.replace(/(?<=-ep\d+)[_.]\d+$/u, "")];
  const isNamed = (evaluation: Evaluation): boolean => namesOf(evaluation).some((name) => names.includes(name));
  const told = evaluations.filter(isNamed);
  return told.length > 0 ? told : evaluations.filter((evaluation) => isNamed({ ...evaluation, epoch: null }));
}

function namesOf(evaluation: Evaluation): readonly string[] {
  const { run, task, epoch } = evaluation;
  const end = epoch === null ? "" : `-ep${epoch}`;
  return [`eval-${task}-${run}${end}`, `eval-${task}${end}`, `${cellName(evaluation)}.slurm`];
}
