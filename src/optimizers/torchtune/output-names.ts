/**
 * Ranks a file's name as that of one job's output, a smaller rank being a better name; undefined where it is none.
 *
 * `slurm-{id}.out` is SLURM's own name, `slurm-{id}_{task}.out` that of one task of an array. A script may choose another
 * with the id (`%j`) at either end: `train-{id}.out`, `{id}-train.log`; and `--error` parts the progress from the rest.
 */
export function rankName(name: string, jobId: string): number | undefined {
  if (!isOutputName(name)) return undefined;
  if (name === `slurm-${jobId}.out`) return 0;
  if (name.startsWith(`slurm-${jobId}_`) && /_\d+\.out$/u.test(name)) return 1;
  const words = name.replace(suffix, "").split(/[^0-9A-Za-z]+/u);
  if (words.at(0) !== jobId && words.at(-1) !== jobId) return undefined;
  return name.endsWith(".out") ? 2 : 3;
}

/** Whether a file's name may be that of any job's output. */
export function isOutputName(name: string): boolean {
  return suffix.test(name);
}

/** The last number in an output's name, most often the job's id, to sort by; 0 without one. */
export function numberInName(name: string): number {
  return Number(/(\d+)\D*$/u.exec(name)?.[1] ?? 0);
}

const suffix = /\.(?:out|err|log)$/u;
