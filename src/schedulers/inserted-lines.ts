import type { SbatchScript } from "../domain/sbatch-script.ts";

/**
 * Builds the copy of a user's script that is submitted: the script with a few lines of POSIX sh after its directives.
 *
 * Lines are inserted rather than the script wrapped, so that the batch shell stays the user's own and traps,
 * `--signal=B:` and `srun` behave as before. A script that is not for a shell of the sh family, or that the scheduler
 * refuses anyway, is copied as it is. Works on bytes: scripts need not be UTF-8.
 */
export function buildScriptCopy(bytes: Uint8Array, script: SbatchScript, folder: string): Uint8Array {
  if (!script.isShell || script.fault !== undefined) return bytes;
  const head = bytes.subarray(0, endOfLine(bytes, script.headLines));
  const lines = new TextEncoder().encode((head.at(-1) === newline ? "" : "\n") + renderInsertedLines(folder));
  return concat([head, lines, bytes.subarray(head.length)]);
}

/** Whether a script's copy claims its job when it starts. */
export function hasInsertedLines(text: string): boolean {
  return text.includes(`\n${firstLine}\n`);
}

/**
 * Renders the inserted lines for a job folder.
 *
 * The claim is a file that holds its owner's id, made with `ln`, which exactly one job can win; the winner is read back
 * from it, because on NFS `ln` may report a failure that was none. Only a number that is not this job's own makes it a
 * duplicate; whatever else is found or fails (disk full, folder gone, no permission), the job runs: a fence must not
 * kill the only job. The tasks of an array share one claim, and a requeued job finds its own. Start and exit are
 * appended, each exit with the start it belongs to, so that no attempt overwrites another one's record.
 *
 * Holds under `set -e`, `-u` and `-C` in the `#!` line. The exit record is missing after `exec`, after a signal (dash)
 * or where the script sets an EXIT trap of its own; bash runs the trap on a signal too and then reports code 0.
 */
export function renderInsertedLines(folder: string): string {
  return `\
${firstLine}
nightshift_dir=${quote(folder)}
nightshift_id="\${SLURM_ARRAY_JOB_ID:-\${SLURM_JOB_ID:-}}" nightshift_owner=
if [ -n "$nightshift_id" ] && [ -d "$nightshift_dir" ]; then
  nightshift_job="$nightshift_id\${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
  nightshift_start="$(date +%Y-%m-%dT%H:%M:%S%z) $(uname -n) $$"
  { [ -s "$nightshift_dir/claim.$nightshift_job" ] || echo "$nightshift_id" >|"$nightshift_dir/claim.$nightshift_job"; } 2>/dev/null &&
    ln "$nightshift_dir/claim.$nightshift_job" "$nightshift_dir/claim" 2>/dev/null || :
  { read -r nightshift_owner <"$nightshift_dir/claim"; } 2>/dev/null || :
  case "$nightshift_owner" in "" | *[!0-9]* | "$nightshift_id") ;; *)
    echo "nightshift: job $nightshift_id is a duplicate of job $nightshift_owner, which has this work in hand; nothing was done here."; exit 0 ;;
  esac
  { echo "$nightshift_start" >>"$nightshift_dir/start.$nightshift_job"; } 2>/dev/null || :
  trap '{ echo "$? $nightshift_start $(date +%Y-%m-%dT%H:%M:%S%z)" >>"$nightshift_dir/exit.$nightshift_job"; } 2>/dev/null || :' EXIT
fi
# --- nightshift: end
`;
}

const firstLine = "# --- nightshift: claims this job, so that a duplicate of it ends here, and notes its start and end. If it cannot, the job just runs.";

// Within single quotes a shell reads every character as it is, newlines too, but the quote itself.
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const newline = 0x0a;

function endOfLine(bytes: Uint8Array, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line += 1) {
    const next = bytes.indexOf(newline, end);
    if (next === -1) return bytes.length;
    end = next + 1;
  }
  return end;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
