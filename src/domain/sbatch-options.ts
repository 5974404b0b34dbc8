/**
 * Parses the words of sbatch directives the way getopt_long does, into values by long name; the last one wins.
 *
 * Known: `--name=value`, `--name value`, unambiguous abbreviations (`--out=x`), `-J name`, `-Jname`, grouped flags.
 * As in sbatch, parsing ends at the first word that is no option, and what comes later has no effect. Names that no
 * sbatch has are kept as they came.
 */
export function parseSbatchOptions(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  const rest = [...words];
  for (let word = rest.shift(); word?.startsWith("-") === true && word !== "-" && word !== "--"; word = rest.shift()) {
    const [name, value] = word.startsWith("--") ? longOption(word.slice(2), rest) : shortOption(word.slice(1), rest);
    options.set(name, value);
  }
  return options;
}

type Option = readonly [name: string, value: string];

function longOption(text: string, rest: string[]): Option {
  const equals = text.indexOf("=");
  const name = fullName(equals === -1 ? text : text.slice(0, equals));
  if (equals !== -1) return [name, text.slice(equals + 1)];
  return [name, flags.has(name) || optionals.has(name) ? "" : (rest.shift() ?? "")];
}

function shortOption(text: string, rest: string[]): Option {
  const letter = text.slice(0, 1);
  const attached = text.slice(1);
  const name = shortNames.get(letter) ?? letter;
  if (!flags.has(name)) return [name, attached === "" ? (rest.shift() ?? "") : attached];
  if (attached !== "") rest.unshift(`-${attached}`);
  return [name, ""];
}

function fullName(name: string): string {
  if (names.includes(name)) return name;
  const candidates = names.filter((known) => known.startsWith(name));
  return candidates.length === 1 && candidates[0] !== undefined ? candidates[0] : name;
}

// Option tables of sbatch (src/sbatch/opt.c, src/common/slurm_opt.c).
const flags = new Set(`
  contiguous disable-stdout-job-summary help hold ignore-pbs no-requeue overcommit oversubscribe quiet reboot requeue
  spread-job test-only usage use-min-nodes verbose version wait`.trim().split(/\s+/u));

// Their value must be attached with `=`.
const optionals = new Set("exclusive get-user-env nice no-kill parsable propagate".split(" "));

const names: readonly string[] = [...flags, ...optionals, ...`
  account acctg-freq array batch bb bbf begin chdir cluster-constraint clusters comment constraint container
  core-spec cores-per-socket cpu-freq cpus-per-gpu cpus-per-task deadline delay-boot dependency distribution error
  exclude export export-file extra extra-node-info gid gpu-bind gpu-freq gpus gpus-per-node gpus-per-socket
  gpus-per-task gres gres-flags hint input job-name kill-on-invalid-dep licenses mail-type mail-user mcs-label mem
  mem-bind mem-per-cpu mem-per-gpu mincpus network nodefile nodelist nodes ntasks ntasks-per-core ntasks-per-gpu
  ntasks-per-node ntasks-per-socket open-mode output partition power prefer priority profile qos reservation signal
  sockets-per-node switches thread-spec threads-per-core time time-min tmp tres-per-task uid wait-all-nodes wckey
  wrap`.trim().split(/\s+/u)];

const shortNames: ReadonlyMap<string, string> = new Map(Object.entries({
  A: "account", a: "array", B: "extra-node-info", b: "begin", C: "constraint", c: "cpus-per-task", D: "chdir",
  d: "dependency", e: "error", F: "nodefile", G: "gpus", h: "help", H: "hold", i: "input", J: "job-name",
  k: "no-kill", L: "licenses", M: "clusters", m: "distribution", N: "nodes", n: "ntasks", O: "overcommit",
  o: "output", p: "partition", Q: "quiet", q: "qos", s: "oversubscribe", S: "core-spec", t: "time", u: "usage",
  V: "version", v: "verbose", W: "wait", w: "nodelist", x: "exclude",
}));
