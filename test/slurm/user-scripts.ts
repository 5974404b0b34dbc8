import { existsSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { startSoon } from "./requeued.ts";
import type { SubmittedScript } from "./submit-scripts.ts";

/** A script as users write them, and what becomes of it on SLURM, with the inserted lines or without. */
export interface UserScript {
  /** What it stands for, as the end of `a script that ...`. */
  readonly does: string;
  /** In `user-scripts/`. */
  readonly file: string;
  /** For sbatch. */
  readonly options?: readonly string[];
  /** For the script. */
  readonly parameters?: readonly string[];
  /** What is done to its text first. */
  readonly change?: (text: string) => string;
  /** What is done to the job from outside. */
  readonly hand?: (job: SubmittedScript) => Promise<void>;
  /** State and exit code that accounting has in the end, for each task of an array; `refused` where sbatch does. */
  readonly ends: readonly string[];
  /** What sbatch, or one of its files, says. */
  readonly says: string;
  /** Files that come after the job's end. */
  readonly leaves?: readonly string[];
  /** The exit code that the inserted lines note, or why they note none. */
  readonly notes: number | string;
  /** What cannot be the same, and is therefore left out of the comparison. */
  readonly except?: { readonly what: string; readonly pattern: RegExp };
}

const ownTrap = "its own EXIT trap replaces ours";
const noShell = "nothing is inserted where the interpreter is no shell of the sh family";
// bash does, and then says 0: what it notes of a job that was ended by a signal is no verdict.
const signal = "sh does not run its EXIT trap when a signal ends it";

export const userScripts: readonly UserScript[] = [
  { does: "does nothing special", file: "plain.slurm", ends: ["COMPLETED 0:0"], says: "to standard error", notes: 0 },
  { does: "ends with code 3", file: "fails.slurm", ends: ["FAILED 3:0"], says: "about to fail", notes: 3 },
  { does: "looks at its surroundings", file: "surroundings.slurm", ends: ["COMPLETED 0:0"], says: "SLURM_CPUS_PER_TASK=2", notes: 0 },
  { does: "sets -euo pipefail, by way of env", file: "strict.slurm", ends: ["FAILED 1:0"], says: "before", notes: 1 },
  { does: "sets -euC in its first line", file: "strict-from-the-first-line.slurm", ends: ["FAILED 1:0"], says: "cannot overwrite existing file", notes: 1, except: lineNumbers() },
  { does: "is for a login shell, without the submitter's environment", file: "login.slurm", ends: ["COMPLETED 0:0"], says: "a login shell", notes: 0 },
  { does: "has no directives, and takes arguments", file: "no-directives.slurm", options: ["--job-name=given", "--time=5"], parameters: ["--epochs", "two words", "", "$HOME *"], ends: ["COMPLETED 0:0"], says: "job given has 4 arguments", notes: 0 },
  { does: "looks for itself, its arguments and its standard input", file: "myself.slurm", parameters: ["first", "second"], ends: ["COMPLETED 0:0"], says: "a table of\nnumbers", notes: 0 },
  { does: "has a name, a comment and options of its own", file: "comment.slurm", ends: ["COMPLETED 0:0"], says: "a job's | own name it's | mine", notes: 0 },
  { does: "is full of here-documents", file: "heredocs.slurm", ends: ["COMPLETED 0:0"], says: "python from a here-document in heredocs heredocs", notes: 0 },
  { does: "has a subshell with a trap in a pipeline", file: "pipeline.slurm", ends: ["FAILED 16:0"], says: "piped: the subshell leaves", notes: 16 },
  { does: "runs steps with srun", file: "steps.slurm", ends: ["COMPLETED 0:0"], says: "a step ended with 3", notes: 0, except: { what: "whether a step finds the one before it cleaned up", pattern: /^srun: (?:Job .* step creation temporarily disabled|Step created for ).*\n/gmu } },
  { does: "asks for GPUs", file: "gpus.slurm", ends: ["COMPLETED 0:0"], says: "sees the GPUs 0,1", notes: 0 },
  { does: "is an array of four tasks", file: "array.slurm", ends: ["COMPLETED 0:0", "FAILED 1:0", "FAILED 2:0", "FAILED 3:0"], says: "task 4 of JOB, from 1 to 4", notes: "each task notes an end of its own, and the array has none" },
  { does: "traps TERM, and is cancelled", file: "term-trap.slurm", hand: cancel(), ends: ["CANCELLED by 0 0:0"], says: "told to end: saves its work", notes: 7 },
  { does: "traps nothing, and is cancelled", file: "untrapped.slurm", hand: cancel(), ends: ["CANCELLED by 0 0:0"], says: "begins", notes: 0 },
  { does: "traps TERM and EXIT in sh, and is cancelled", file: "both-traps.slurm", hand: cancel(), ends: ["CANCELLED by 0 0:0"], says: "leaves with 9", notes: ownTrap },
  { does: "has an EXIT trap of its own", file: "exit-trap.slurm", ends: ["FAILED 4:0"], says: "leaves with 4", notes: ownTrap },
  { does: "asks for USR1 before its time is over", file: "usr1.slurm", ends: ["FAILED 12:0"], says: "the time is nearly over", notes: 12 },
  { does: "gets a signal for its shell alone, in sh", file: "batch-signal.slurm", hand: cancel("--batch", "--signal=USR2"), ends: ["FAILED 2:0"], says: "got the signal, and goes on", notes: 2 },
  { does: "is requeued from outside", file: "requeued.slurm", hand: requeue, ends: ["COMPLETED 0:0"], says: "start 1\ngoes through", notes: 0 },
  { does: "requeues itself", file: "requeues-itself.slurm", hand: hurry, ends: ["COMPLETED 0:0"], says: "start 1 goes through", notes: 0 },
  { does: "becomes another program", file: "exec.slurm", ends: ["FAILED 5:0"], says: "python instead of the shell", notes: "after exec there is no shell that could note anything" },
  { does: "changes how its shell reads and writes", file: "shell-options.slurm", ends: ["FAILED 11:0"], says: "", notes: 11 },
  { does: "has words of its own for date and echo", file: "own-words.slurm", ends: ["FAILED 13:0"], says: "my own echo: works", notes: "the inserted lines find the script's own words, too" },
  { does: "sends its output elsewhere and closes it", file: "closed-streams.slurm", ends: ["FAILED 14:0"], says: "into a file of its own", notes: 14 },
  { does: "leaves a process behind", file: "background.slurm", ends: ["COMPLETED 0:0"], says: "outlived the job", leaves: ["late"], notes: 0 },
  { does: "traces itself", file: "traced.slurm", ends: ["COMPLETED 0:0"], says: "trace: test 1 = 1", notes: 0 },
  { does: "traces itself, in sh", file: "traced-in-sh.slurm", ends: ["COMPLETED 0:0"], says: "+ true a b", notes: 0 },
  { does: "traces itself from its first line on", file: "traced-from-the-first-line.slurm", ends: ["COMPLETED 0:0"], says: "+ test 1 = 1", notes: 0, except: { what: "the inserted lines are traced as well", pattern: /\+ nightshift_dir=[^]*?' EXIT\n/gu } },
  { does: "shows its lines as they are read", file: "verbose.slurm", ends: ["COMPLETED 0:0"], says: "test 1 = 1", notes: 0, except: { what: "the line that notes the end is shown as well", pattern: /\n\{ echo .*exit\.\$nightshift_job.*/gu } },
  { does: "traps DEBUG, ERR and RETURN", file: "debugged.slurm", ends: ["FAILED 15:0"], says: "next: work", notes: 15, except: { what: "the DEBUG trap runs for the line that notes the end as well", pattern: /(?<=next: exit 15\n)next: exit 15\n/gu } },
  { does: "ends itself by SEGV", file: "kills-itself.slurm", ends: ["FAILED 0:11"], says: "ends by a signal", notes: 0 },
  { does: "ends itself by TERM", file: "terminates-itself.slurm", ends: ["FAILED 0:15"], says: "ends by a signal", notes: 0 },
  { does: "ends itself by TERM, in sh", file: "terminates-itself-in-sh.slurm", ends: ["FAILED 0:15"], says: "ends by a signal", notes: signal },
  { does: "calls a program that is not there", file: "typo.slurm", ends: ["FAILED 127:0"], says: "no-such-program: command not found", notes: 127, except: lineNumbers() },
  { does: "cannot be read to its end", file: "syntax-error.slurm", ends: ["FAILED 2:0"], says: "syntax error", notes: 2, except: lineNumbers() },
  { does: "is for zsh", file: "zsh.slurm", ends: ["FAILED 8:0"], says: "zsh 0", notes: 8 },
  { does: "is for csh", file: "csh.slurm", ends: ["FAILED 5:0"], says: "csh 0", notes: noShell },
  { does: "is for python", file: "python.slurm", ends: ["FAILED 6:0"], says: "python slurm_script python", notes: noShell },
  { does: "has DOS line breaks", file: "plain.slurm", change: (text) => text.replaceAll("\n", "\r\n"), ends: ["refused"], says: "DOS line breaks", notes: "there is no job" },
  { does: "is empty", file: "plain.slurm", change: () => "", ends: ["refused"], says: "Batch script is empty!", notes: "there is no job" },
];

// Shells count the lines of the script they read.
function lineNumbers(): NonNullable<UserScript["except"]> {
  return { what: "the shell's messages name lines of the copy", pattern: /(?<=\bline )\d+/gu };
}

function cancel(...options: readonly string[]): NonNullable<UserScript["hand"]> {
  return async (job) => {
    await isReady(job);
    await job.cluster.run("scancel", [...options, job.id]);
  };
}

async function requeue(job: SubmittedScript): Promise<void> {
  await isReady(job);
  await job.cluster.run("scontrol", ["requeue", job.id]);
  await hurry(job);
}

async function hurry({ cluster, id }: SubmittedScript): Promise<void> {
  await startSoon(cluster, id);
}

async function isReady({ folder }: SubmittedScript): Promise<void> {
  await eventually(() => existsSync(join(folder, "ready")), `a start in ${folder}`, 60_000);
}
