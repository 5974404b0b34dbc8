import type { Command } from "commander";

import { renderProblem } from "../domain/problem.ts";
import { parseFlags, type Settings } from "../domain/settings.ts";
import { WrongUse } from "./wrong-use.ts";

/** What `watch` and `run` take, as commander hands it over. */
export interface WorkFlags {
  readonly settle?: string;
  readonly poll?: string;
  readonly stagger?: string;
  readonly evaluateAfter?: string;
  readonly scheduler?: string;
  readonly maxJobs?: string;
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
    .option("--log-format <format>", "text or json", "text");
}

/** Reads the settings among the options, or says which ones are wrong. */
export function settingsFrom({ logFormat, dryRun: _dryRun, ...flags }: WorkFlags): Partial<Settings> {
  if (logFormat !== "text" && logFormat !== "json") throw new WrongUse(`--log-format: expected text or json, found ${String(logFormat)}`);
  const { settings, problems } = parseFlags(flags);
  if (problems.length > 0) throw new WrongUse(problems.map(renderProblem).join("\n"));
  return settings;
}
