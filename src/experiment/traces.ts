import { plainLine } from "../domain/plain-text.ts";

/** A sign that somebody has worked in an experiment's folder. */
export interface Trace {
  /** One trace of a kind in a folder is enough. */
  readonly kind: string;
  readonly sentence: string;
}

/**
 * Says whether a file is a sign of work: weights, a job's output, an evaluation's log, or a record of submissions.
 *
 * A folder `epoch_N` proves nothing: evaluation scripts make it for their own output.
 *
 * @param path Relative to the experiment's folder, or absolute.
 */
export function traceOf(path: string): Trace | undefined {
  const kind = kinds.find(([, pattern]) => pattern.test(path))?.[0];
  return kind === undefined ? undefined : { kind, sentence: `${plainLine(path)} is ${kind}` };
}

const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  // torchtune before 0.5 had no folder for an epoch, but its number in the name: `hf_model_0001_1.pt`, `adapter_1.pt`.
  ["a checkpoint's weights", /(?:^|\/)(?:epoch_\d+\/[^/]+\.(?:safetensors|pt|pth|bin)|(?:hf_model_\d+|meta_model|torchtune_model|adapter)_\d+\.pt)$/u],
  ["the output of a job", /(?:^|\/)slurm-[^/]+\.out$/u],
  ["the log of an evaluation", /\.eval$|(?:^|\/)eval\/(?:.*\/)?logs\/[^/]+\.json$/u],
  ["a record of submissions", /^(?:logs\/run-[^/]+\.state\.json|jobs\.json|eval_jobs\.old\.json)$/u],
];
