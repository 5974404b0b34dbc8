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
    ["– at a rename, fsync, fork or execve", kills.filter(({ kind }) => kind === "call").length],
    ["– at a random time", kills.filter(({ kind }) => kind === "time").length],
    ["– by their own sbatch: before, instead of or after its request", onCluster(kills.filter(({ kind }) => kind === "submission").length)],
    ["points of the path from new experiment to summary that were hit", `${rounds.filter((round) => isPath(round) && round.course.kills.length > 0).length} of ${pathPoints}`],
    ["restarts", ofRounds(({ course }) => course.restarts)],
    ["sbatch killed, daemon alive", onCluster(ofRounds(({ killedSbatches }) => killedSbatches))],
    ["controller killed / frozen / restarted near a submission", onCluster(`${deeds("killed")} / ${deeds("frozen")} / ${deeds("restarted")}`)],
    ["experiments", ofRounds(({ verdicts }) => verdicts.length)],
    ["units: trainings and evaluations", ofVerdicts(({ units }) => units)],
    ["calls of sbatch", onCluster(calls.filter((call) => call.startsWith("sbatch ")).length)],
    ["jobs the scheduler took", jobs],
    ["jobs that worked, by their own ledger", ofVerdicts(({ executions }) => executions)],
    ["**duplicates: jobs that worked on what another one had worked on**", ofVerdicts(({ duplicates }) => duplicates)],
    ["duplicates that ended before the first line of the user's script", ofVerdicts(({ fenced }) => fenced)],
    ["**lost: units without result**", ofVerdicts(({ lost }) => lost)],
    ["jobs that the controller accepted and forgot in a crash: submitted again after ten minutes", onCluster(ofVerdicts(({ vanished }) => vanished))],
    ["– and those of which nobody could tell that they had not run: submitted again when a person asked", onCluster(ofRounds(({ lostByController }) => lostByController))],
    ["jobs that SLURM itself started twice under one id", onCluster(ofVerdicts(({ restartedJobs }) => restartedJobs))],
    ["in doubt whether submitted", doubts.length],
    ...resolutions.filter((resolution) => doubts.includes(resolution)).map((resolution): [string, number] => [`– ${resolution}`, doubts.filter((one: Resolution) => one === resolution).length]),
    ["illegal changes of state", ofRounds(({ illegal }) => illegal.length)],
    ["blocks of logs told twice", ofVerdicts(({ toldTwice }) => toldTwice)],
    ["calls of squeue / sacct / scontrol / scancel", onCluster(["squeue", "sacct", "scontrol", "scancel"].map((name) => calls.filter((call) => call.startsWith(`${name} `)).length).join(" / "))],
    ["nodes resumed / jobs released by the operator after crashes", onCluster(`${operations.nodes} / ${operations.jobs}`)],
    ["rounds with a broken promise", rounds.filter(({ complaints }) => complaints.length > 0).length],
    ["wall time", `${Math.floor(wallMs / 60_000)} min ${Math.round(wallMs / 1000) % 60} s`],
  ];
}
