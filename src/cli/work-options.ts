import type { Command } from "commander";

import { renderProblem } from "../domain/problem.ts";
import { parseDuration, parseFlags, type Settings } from "../domain/settings.ts";
import { WrongUse } from "./wrong-use.ts";

/** What `watch` and `run` take, as commander hands it over. */
export interface WorkFlags {
  readonly settle?: string;
  readonly poll?: string;
  readonly stagger?: string;
  readonly evaluateAfter?: string;
  readonly scheduler?: string;
  readonly maxJobs?: string;
  readonly maxSubmit?: string;
  readonly minFree?: string;
  readonly insertLines?: string;
  readonly notify?: string;
  readonly blindAfter: string;
  readonly logFormat: "text" | "json";
  readonly dryRun?: boolean;
}

/** Adds the options that `watch` and `run` share, each of them also a setting in `nightshift.yaml`. */
export function addWorkOptions(command: Command): Command {
  return command
    .option("--settle <duration>", "how long nothing may change before an experiment begins (30s)")
    .option("--poll <duration>", "how often folders are scanned and a cluster is asked (60s)")
    .option("--stagger <duration>", "pause between two trainings; evaluations wait a fifth of it (5s)")
    .option("--evaluate-after <when>", "run: its own training is over; all: all trainings are; checkpoint: the epoch is saved (run)")
    .option("--scheduler <name>", "slurm, local, or auto: SLURM where sbatch is on the PATH (auto)")
    .option("--max-jobs <number>", "jobs at once on this machine (by cores and GPUs)")
    .option("--max-submit <number>", "on a cluster: submit no more while this many jobs of yours are in the queue (25)")
    .option("--min-free <size>", "submit no training while less than this is free where the experiment is (1G)")
    .option("--insert-lines <on|off>", "whether submitted copies of scripts note their start and end, and claim their job (on)")
    .option("--notify <command>", "a program that is called with EVENT EXPERIMENT TEXT, and JSON on its input: finished, failed, needs a person, blind")
    .option("--blind-after <duration>", "how long a cluster may not answer before --notify is called", "10m")
    .option("--log-format <format>", "text or json", "text");
}

/** Reads whom to wake. A command comes from a terminal only: what stands in an experiment's folder never names a program. */
export function notifyFrom({ notify, blindAfter }: WorkFlags): { readonly command: string; readonly blindMs: number } | undefined {
  const blindMs = parseDuration(blindAfter);
  if (blindMs === undefined) throw new WrongUse(`--blind-after: expected a duration such as 10m, found ${JSON.stringify(blindAfter)}`);
  return notify === undefined ? undefined : { command: notify, blindMs };
}

/** Reads the settings among the options, or says which ones are wrong. */
export function settingsFrom({ logFormat, dryRun: _dryRun, notify: _notify, blindAfter: _blindAfter, ...flags }: WorkFlags): Partial<Settings> {
  if (logFormat !== "text" && logFormat !== "json") throw new WrongUse(`--log-format: expected text or json, found ${String(logFormat)}`);
  const { settings, problems } = parseFlags(flags);
  if (problems.length > 0) throw new WrongUse(...problems.map(renderProblem));
  return settings;
}
