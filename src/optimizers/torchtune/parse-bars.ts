import type { TrainingPoint } from "../../domain/optimizer.ts";

/** One refresh of torchtune's progress bar. */
export interface Bar extends TrainingPoint {
  /** The bar's total. Its count is left out: it runs ahead of the printed step in about a fifth of the refreshes. */
  readonly stepsPerEpoch?: number;
}

/**
 * Parses the progress bars in a piece of output, and gives back the text around them.
 *
 * torchtune describes a tqdm bar as `{epoch}|{global step}|Loss: {loss}`, the epoch counted from 1:
 * `1|40|Loss: 10.48:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]`. The loss is Python's text of a float, thus also
 * `6.0e-06`, `nan` and `inf`. A number that nothing ends, or that other text was written into, may be cut short and is
 * no number.
 */
export function parseBars(text: string): { readonly bars: readonly Bar[]; readonly rest: string } {
  if (!text.includes("|Loss: ")) return { bars: [], rest: text };
  const bars: Bar[] = [];
  const rest = text.replace(barPattern, (_bar, epoch: string, step: string, loss: string, total: string | undefined) => {
    bars.push({
      epoch: Number(epoch), step: Number(step), loss: parseFloatOfPython(loss),
      ...(total === undefined ? {} : { stepsPerEpoch: Number(total) }),
    });
    return "";
  });
  return { bars, rest };
}

const barPattern =
  /(\d+)\|(\d+)\|Loss: ([+-]?(?:nan|inf|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))(?=[\s:|,])(?::\s*\d+%\|(?:[^|\r\n]*\|)?\s*\d+\/(\d+)\s\[[^\]\r\n]*\])?/giu;

function parseFloatOfPython(text: string): number {
  const value = Number(text);
  if (!Number.isNaN(value)) return value;
  if (/nan/iu.test(text)) return value;
  return text.startsWith("-") ? -Infinity : Infinity;
}
