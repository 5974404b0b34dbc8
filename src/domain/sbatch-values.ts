/** What the symbols of `--output` and `--error` stand for. Left out: not known yet. */
export interface PatternValues {
  readonly jobId?: string;
  readonly jobName: string;
  readonly user: string;
  readonly node?: string;
  /** Of a task of a job array. */
  readonly arrayJobId?: string;
  readonly arrayTaskId?: string;
}

/**
 * Expands the file name of `--output` and `--error`: `%j %J %A %a %x %u %N %n %t %%`, with a width (`%4j`) zeros in front.
 *
 * Rules of slurmstepd (src/slurmd/slurmstepd/fname.c): a name with a backslash loses its backslashes and is not
 * expanded; a width is at most 10; a job that is no array has its own id for `%A` and 4294967294 for `%a`. Symbols
 * that are unknown, or whose value is, stay as they are.
 */
export function expandPattern(pattern: string, values: PatternValues): string {
  if (pattern.includes("\\")) return pattern.replaceAll("\\", "");
  return pattern.replace(/%(?<width>\d*)(?<symbol>[A-Za-z%])/gu, (whole, width: string, symbol: string) => {
    if (symbol === "%") return width === "" ? "%" : whole;
    const value = valueOf(symbol, values);
    return value === undefined ? whole : value.padStart(/^\d+$/u.test(value) ? Math.min(Number(width), 10) : 0, "0");
  });
}

function valueOf(symbol: string, values: PatternValues): string | undefined {
  switch (symbol) {
    case "j": case "J": return values.jobId;
    case "A": return values.arrayJobId ?? values.jobId;
    case "a": return values.arrayTaskId ?? (values.jobId === undefined ? undefined : notAnArray);
    case "x": return values.jobName;
    case "u": return values.user;
    case "N": return values.node;
    case "n": case "t": return "0";
    default: return undefined;
  }
}

const notAnArray = "4294967294";

/**
 * Parses `--time` into milliseconds: `minutes`, `MM:SS`, `HH:MM:SS`, `D-HH`, `D-HH:MM`, `D-HH:MM:SS`.
 *
 * `0`, `-1`, `UNLIMITED` and `INFINITE` are no limit, given as Infinity. Undefined for anything else.
 */
export function parseTimeLimit(text: string): number | undefined {
  if (/^(?:-1|unlimited|infinite)$/iu.test(text)) return Infinity;
  const match = /^(?:(?<days>\d+)-)?(?<clock>\d+(?::\d+){0,2})$/u.exec(text);
  const { days, clock } = match?.groups ?? {};
  if (clock === undefined) return undefined;
  const [first = 0, second, third] = clock.split(":").map(Number);
  const minutes =
    days !== undefined ? Number(days) * 1440 + first * 60 + (second ?? 0) + (third ?? 0) / 60
    : third !== undefined ? first * 60 + (second ?? 0) + third / 60
    : first + (second ?? 0) / 60;
  return minutes === 0 ? Infinity : Math.round(minutes * 60_000);
}

/**
 * Counts the GPUs that a job asks for through `--gpus`, `--gpus-per-node`, `--gpus-per-socket`, `--gpus-per-task` or `--gres`.
 *
 * Counted for one node with one socket; the largest request counts. 0 without a request, undefined where one cannot
 * be read.
 */
export function parseGpuRequest(options: ReadonlyMap<string, string>): number | undefined {
  const tasks = Number.parseInt(options.get("ntasks") ?? "1", 10);
  const counts = [
    gpuCount(options.get("gpus")),
    gpuCount(options.get("gpus-per-node")),
    gpuCount(options.get("gpus-per-socket")),
    times(gpuCount(options.get("gpus-per-task")), tasks),
    gresCount(options.get("gres")),
  ];
  return counts.reduce<number | undefined>((most, count) => (most === undefined || count === undefined ? undefined : Math.max(most, count)), 0);
}

// `2`, `a100:2`, `a100` (one), `a100:1,v100:2` (three).
function gpuCount(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  return total(text.split(",").map((part) => countOf(/^(?:[A-Za-z][\w.-]*|(?:[A-Za-z][\w.-]*:)?(?<count>\d+))$/u.exec(part))));
}

// `gpu`, `gpu:2`, `gpu:a100`, `gpu:a100:2(S:0-1)`, `gres/gpu:2`, beside others such as `shard:4` and `none`.
function gresCount(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const gpus = text.split(",").filter((part) => /^(?:gres[:/])?gpu(?:[:=]|$)/u.test(part));
  return total(gpus.map((part) => countOf(/^(?:gres[:/])?gpu(?:[:=][A-Za-z][\w.-]*)?(?:[:=](?<count>\d+))?(?:\(.*\))?$/u.exec(part))));
}

function countOf(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match.groups?.["count"] ?? "1");
}

function total(counts: readonly (number | undefined)[]): number | undefined {
  return counts.reduce<number | undefined>((sum, count) => (sum === undefined || count === undefined ? undefined : sum + count), 0);
}

function times(count: number | undefined, factor: number): number | undefined {
  return count === undefined || count === 0 ? count : count * factor;
}
