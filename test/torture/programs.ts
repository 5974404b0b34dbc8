import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { textOf } from "./files.ts";
import type { ControllerDeed, Kill, Moment, Trouble } from "./plan.ts";

/**
 * SLURM's programs as the daemons of one round find them on their PATH: each call is noted, then the real one does the
 * work; a submission first meets what was laid out for it. The shell that becomes sbatch finds `uname` and `sync` there,
 * which it calls while it takes the mark, and when it has it.
 */
export interface NotedPrograms {
  /** The folder for the PATH. */
  readonly folder: string;
  /** Lays something out for the next submission. */
  layOut(what: Surprise): LaidOut;
  /** What was called, with its parameters, oldest first; and `shell MARK` for each shell that was to become sbatch. */
  calls(): readonly string[];
}

export interface LaidOut {
  /** Takes it away again. Says whether it was still there: if not, a submission has met it. */
  withdraw(): boolean;
  /** Whether it has been done. */
  isDone(): boolean;
}

export type Surprise = Extract<Kill, { kind: "submission" }> | Exclude<Trouble, { kind: "controller" }> | { readonly kind: "controller"; readonly deed: ControllerDeed; readonly pid: number };

/** Writes the programs of a round below its folder. */
export function writePrograms(stageFolder: string): NotedPrograms {
  const folder = join(stageFolder, "bin");
  const [calls, surprise] = [join(stageFolder, "calls"), join(stageFolder, "surprise")];
  mkdirSync(folder);
  writeFileSync(join(folder, "noted"), renderNoted(calls, surprise));
  chmodSync(join(folder, "noted"), 0o755);
  for (const name of ["sbatch", "squeue", "sacct", "scancel", "scontrol", "uname", "sync"]) symlinkSync("noted", join(folder, name));
  let number = 0;
  return {
    folder,
    layOut: (what) => {
      number += 1;
      const [done, place] = [`${surprise}-done-${number}`, `${surprise}-${what.kind === "shell" ? what.at : "sbatch"}`];
      writeFileSync(`${place}.new`, `done='${done}'\n${renderSurprise(what)}`);
      renameSync(`${place}.new`, place);
      return { withdraw: () => moveAway(place), isDone: () => existsSync(done) };
    },
    calls: () => textOf(calls).split("\n").slice(0, -1),
  };
}

function moveAway(file: string): boolean {
  try {
    renameSync(file, `${file}.withdrawn`);
    return true;
  } catch {
    return false;
  }
}

// A surprise is taken by exactly one call. It is a few lines of shell that may use "$@", $real and die, which kills the
// daemon: the parent of whatever became sbatch. Jobs inherit the PATH, and their own calls of uname are none of ours.
function renderNoted(calls: string, surprise: string): string {
  const places = ["sbatch", "uname", "sync"].map((name) => execFileSync("/bin/sh", ["-c", `dirname "$(command -v ${name})"`], { encoding: "utf8" }).trim());
  return `#!/bin/sh
name=\${0##*/}
case $name in
  uname)
    real=${places[1]}/uname
    mark=$(grep -aom1 '/[^[:cntrl:]]*/spawned' "/proc/$PPID/cmdline" 2>/dev/null) && echo "shell $mark" >>'${calls}' ;;
  sync) real=${places[2]}/sync ;;
  *) real=${places[0]}/$name; echo "$name $*" >>'${calls}' ;;
esac
die() { grep -qsa nightshift.js "/proc/$PPID/cmdline" && kill -9 "$PPID"; }
is_submitting() { [ "$name" = sbatch ] || grep -qsa /spawned "/proc/$PPID/cmdline"; }
if [ -e '${surprise}'-$name ] && is_submitting && mv '${surprise}'-$name '${surprise}'.$$ 2>/dev/null; then . '${surprise}'.$$; fi
exec "$real" "$@"
`;
}

function renderSurprise(what: Surprise): string {
  switch (what.kind) {
    case "submission": return `${killing[what.moment]}\n`;
    case "sbatch": return `exec strace -D -qq -o /dev/null -e trace=${what.call} -e inject=${what.call}:signal=SIGKILL:when=${what.nth} "$real" "$@"\n`;
    case "shell": return 'kill -9 "$PPID"\nexit\n';
    case "controller": return `${troubling(what.pid)[what.deed]}\n`;
  }
}

const killing: Readonly<Record<Moment, string>> = {
  before: "die",
  instead: "die; kill -9 $$",
  unanswered: '"$real" "$@" >/dev/null 2>&1; die; kill -9 $$',
  answered: 'answer=$("$real" "$@"); die; echo "$answer"; exit',
};

function troubling(pid: number): Readonly<Record<ControllerDeed, string>> {
  return {
    "killed before": `kill -9 ${pid}; : >"$done"`,
    "killed after": `"$real" "$@"; code=$?; kill -9 ${pid}; : >"$done"; exit $code`,
    frozen: `kill -STOP ${pid}; : >"$done"`,
    restarted: ': >"$done"',
  };
}
