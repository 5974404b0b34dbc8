import { type Resolution, resolutions } from "./doubts.ts";
import { isRandom } from "./plan.ts";
import type { RoundResult } from "./round.ts";
import type { TortureResult } from "./torture.ts";
import type { Verdict } from "./verdict.ts";

/** The sums of a torture, a name and a figure each, in the order they are told. */
export function figuresOf(result: TortureResult): readonly (readonly [name: string, figure: number | string])[] {
  const { rounds, pathPoints, jobs, controllerDeeds, operations, wallMs } = result;
  const isCluster = result.scheduler !== "local";
  const kills = rounds.flatMap(({ course }) => course.kills);
  const ofRounds = (value: (round: RoundResult) => number): number => rounds.reduce((sum, round) => sum + value(round), 0);
  const ofVerdicts = (value: (verdict: Verdict) => number): number => ofRounds(({ verdicts }) => verdicts.reduce((sum, verdict) => sum + value(verdict), 0));
  const isPath = ({ round }: RoundResult): boolean => !isRandom(round) && round.starts.length > 0;
  const doubts = rounds.flatMap((round) => round.doubts);
  const calls = rounds.flatMap((round) => round.calls);
  const onCluster = (figure: number | string): number | string => (isCluster ? figure : "–");
  const deeds = (deed: string): number => controllerDeeds.filter((one) => one.startsWith(deed)).length;
  return [
    ["daemons killed with SIGKILL", kills.length],
    ["– entering a rename, fsync, fork or execve", kills.filter(({ kind }) => kind === "call").length],
    ["– at a random time", kills.filter(({ kind }) => kind === "time").length],
    ["– around their own sbatch", onCluster(kills.filter(({ kind }) => kind === "submission").length)],
    ["points of the path from new experiment to summary that were hit", `${rounds.filter((round) => isPath(round) && round.course.kills.length > 0).length} of ${pathPoints}`],
    ["restarts", ofRounds(({ course }) => course.restarts)],
    ["sbatch, or the shell that starts it, killed on its way", onCluster(ofRounds(({ killedSbatches }) => killedSbatches))],
    ["controller killed / frozen / restarted near a submission", onCluster(`${deeds("killed")} / ${deeds("frozen")} / ${deeds("restarted")}`)],
    ["experiments", ofRounds(({ verdicts }) => verdicts.length)],
    ["trainings and evaluations in them", ofVerdicts(({ units }) => units)],
    ["calls of sbatch", onCluster(calls.filter((call) => call.startsWith("sbatch ")).length)],
    ["jobs taken by the scheduler", jobs],
    ["jobs that did their work, by a ledger of their own", ofVerdicts(({ executions }) => executions)],
    ["**duplicates**: a second job that worked on the same attempt", ofVerdicts(({ duplicates }) => duplicates)],
    ["second jobs that ended before the user's first line", ofVerdicts(({ fenced }) => fenced)],
    ["**lost**: trainings and evaluations without a result", ofVerdicts(({ lost }) => lost)],
    ["accepted jobs that the controller forgot in a crash, submitted again after ten minutes", onCluster(ofVerdicts(({ vanished }) => vanished))],
    ["accepted jobs that the controller forgot or could not start any more after a crash, submitted again when a person asked", onCluster(ofRounds(({ lostByController }) => lostByController))],
    ["jobs that SLURM itself started again after a crash, under the same id", onCluster(ofVerdicts(({ restartedJobs }) => restartedJobs))],
    ["submissions of which nobody knew at first whether they had arrived", doubts.length],
    ...resolutions.map((resolution): [string, number] => [`– ${resolution}`, doubts.filter((one: Resolution) => one === resolution).length]),
    ["illegal changes of state", ofRounds(({ illegal }) => illegal.length)],
    ["blocks of logs told twice", ofVerdicts(({ toldTwice }) => toldTwice)],
    ["calls of squeue / sacct / scontrol / scancel", onCluster(["squeue", "sacct", "scontrol", "scancel"].map((name) => calls.filter((call) => call.startsWith(`${name} `)).length).join(" / "))],
    ["nodes resumed / jobs released / jobs cancelled by the operator after crashes", onCluster(`${operations.nodes} / ${operations.jobs} / ${operations.cancelled}`)],
    ["rounds with a broken promise", rounds.filter(({ complaints }) => complaints.length > 0).length],
    ["wall time", `${Math.floor(wallMs / 60_000)} min ${Math.round(wallMs / 1000) % 60} s`],
  ];
}
