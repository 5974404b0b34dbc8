import type { SubmitAnswer } from "../../domain/job.ts";
import { plainLine, plainText } from "../../domain/plain-text.ts";

/** How one run of sbatch ended. */
export interface SbatchEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Set when it was killed because it did not end. */
  readonly timedOutMs?: number;
}

/**
 * Parses what sbatch said into an answer.
 *
 * `refused` and `postponed` only for words that are known to mean that the controller has no such job; whatever else is
 * not a clean success is `unclear`. Words: slurm_errno.c and sbatch itself, versions 22.05 to 24.05.
 */
export function parseSubmission({ stdout, stderr, exitCode, signal, timedOutMs }: SbatchEnd): SubmitAnswer {
  const id = parseSubmittedId(stdout);
  // An id is printed only after the controller gave it; `#SBATCH --wait` then stays until the job is over.
  if (id !== undefined && (exitCode === 0 || timedOutMs !== undefined)) return { kind: "accepted", id };
  const words = wordsOf(stderr) || (id === undefined ? wordsOf(stdout) : "");
  const unclear = (what: string): SubmitAnswer => ({ kind: "unclear", reason: words === "" ? what : `${what}: ${words}` });
  if (timedOutMs !== undefined) return unclear(`sbatch did not end within ${timedOutMs / 1000} s`);
  if (signal !== undefined) return unclear(`sbatch was killed (${signal})`);
  if (exitCode === 0) return unclear("sbatch ended well but gave no job id");
  if (id !== undefined) return unclear(`sbatch gave the id ${id}, but failed (exit code ${exitCode})`);
  if (exitCode === 127 && /(?:^|[\s/])sbatch: (?:not found|No such file|command not found)/mu.test(stderr)) return { kind: "postponed", reason: "sbatch is not there", isForAll: true };
  const kind = table.find(({ pattern }) => pattern.test(stderr))?.kind ?? "unclear";
  switch (kind) {
    case "refused": return { kind, reason: words };
    case "full": return { kind: "postponed", reason: words, isForAll: true };
    case "not now": return { kind: "postponed", reason: words };
    case "unclear": return unclear(`sbatch failed (exit code ${exitCode})`);
  }
}

/**
 * Parses the id out of what sbatch printed: `123`, `123;cluster` (`--parsable`) or `Submitted batch job 123`, alone on a
 * line. Lines of other text around it do not matter; two different ids are none.
 */
export function parseSubmittedId(stdout: string): string | undefined {
  const lines = stdout.split(/\r?\n/u).map((line) => /^(?:Submitted batch job )?(?<id>[1-9]\d*)(?:;[\w.-]+| on cluster [\w.-]+)?$/u.exec(line.trim())?.groups?.["id"]);
  const ids = new Set(lines.filter((id) => id !== undefined));
  return ids.size === 1 ? [...ids][0] : undefined;
}

interface Meaning {
  readonly kind: "refused" | "full" | "not now" | "unclear";
  readonly pattern: RegExp;
}

// The first that fits counts. What may be said of a request that arrived comes before everything else.
const table: readonly Meaning[] = [
  { kind: "unclear", pattern: /Socket timed out|Connection reset|Zero Bytes|Broken pipe|\((?:send|receive|shutdown) failure\)|Unexpected message|Message (?:receive|send) (?:timeout|failure)/u },
  // Of the limits that a QOS or an association can set, only those of jobs in the queue pass by waiting: the others are
  // told at submission (flag DenyOnLimit) for a job that exceeds them by itself.
  { kind: "full", pattern: /\b(?:QOS|Assoc)\w*Submit\w*/u },
  { kind: "refused", pattern: /\b(?:QOS|Assoc)[A-Z]\w+/u },
  { kind: "full", pattern: /Job violates accounting\/QOS policy/u },
  { kind: "full", pattern: /Unable to contact slurm controller \(connect failure\)|Munge encode failed|Slurm backup controller in standby mode/u },
  { kind: "full", pattern: /Resource temporarily unavailable|I\/O error writing script\/environment to file|Requested operation is presently disabled/u },
  { kind: "full", pattern: /Could not establish a configuration source|Unable to process configuration file|Incompatible versions of client and server code/u },
  { kind: "not now", pattern: /Required partition not available \(inactive or drain\)/u },
  { kind: "refused", pattern: /Invalid partition name specified|Invalid account or account\/partition combination|Invalid qos specification|Access\/permission denied|Invalid user id/u },
  { kind: "refused", pattern: /Requested node configuration is not available|Requested partition configuration not available now|Requested time limit is invalid/u },
  { kind: "refused", pattern: /Invalid generic resource \(gres\) specification|Invalid Trackable RESource|Memory specification can not be satisfied|CPU count (?:specification invalid|per node can not be satisfied)/u },
  { kind: "refused", pattern: /Invalid node name specified|Node count specification invalid|More processors requested than permitted|Invalid feature specification|Requested reservation is invalid/u },
  { kind: "refused", pattern: /Invalid job array specification|Invalid license specification|Job dependency problem|Pathname of a file, directory or other parameter too long|Invalid wckey specification/u },
  { kind: "refused", pattern: /Unable to open file|does not look like a batch script|Batch script is empty|contains DOS line breaks|does not allow scripts that|Unmatched .* in \[/u },
  // sbatch's own complaints about options, before it asks anybody.
  { kind: "refused", pattern: /unrecognized option|invalid option --|option .* requires an argument|option .* is ambiguous|Invalid (?:--[\w-]+|numeric value|directive)|Try "sbatch --help"|is not a valid/u },
  { kind: "refused", pattern: /Could not open user environment file|slurm_allocate_resources error opening file|No cluster '.*' known by database/u },
];

// What sbatch says, without its own name and the sentence that only says that it failed, on one line.
function wordsOf(text: string): string {
  const lines = plainText(text).split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const own = lines.filter((line) => /^(?:sbatch|srun|slurm\w*): /u.test(line));
  const bare = (own.length > 0 ? own : lines).map((line) => line.replace(/^sbatch: (?:error: |fatal: )?/u, "").replace("Batch job submission failed: ", "")).filter((line) => line !== "");
  return plainLine([...new Set(bare)].join("; "), 400);
}
