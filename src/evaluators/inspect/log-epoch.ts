import type { LogHeader } from "./log/log-header.ts";

/** An epoch of training that a log names, 0-based, and where it does. */
export interface NamedEpoch {
  readonly value: number;
  readonly source: string;
}

/**
 * Finds the epoch of training in a log's header, wherever it is named, the most trustworthy first.
 *
 * inspect-ai knows no such thing: it is in the metadata (`--metadata epoch=1`), in a model argument, or at the end of
 * the model's name or path.
 */
export function epochsNamed({ metadata, modelArgs, model }: LogHeader): readonly NamedEpoch[] {
  return [
    { source: "metadata epoch", value: wholeNumber(metadata["epoch"]) },
    { source: "model argument epoch", value: wholeNumber(modelArgs["epoch"]) },
    { source: `model ${model}`, value: wholeNumber(epochAtEnd(model, /(?:_|[/\\])epoch_(\d+)$/u)) },
    { source: "model path", value: wholeNumber(epochAtEnd(modelArgs["model_path"], /[/\\]epoch_(\d+)$/u)) },
  ].filter((named): named is NamedEpoch => named.value !== undefined);
}

function epochAtEnd(place: unknown, pattern: RegExp): string | undefined {
  return typeof place === "string" ? pattern.exec(place.slice(-1000).trimEnd().replace(/[/\\]+$/u, ""))?.[1] : undefined;
}

// The same key is a number or a text, depending on how it was quoted on the command line.
function wholeNumber(value: unknown): number | undefined {
  if (typeof value === "string") return /^\d{1,9}$/u.test(value.trim()) ? Number(value) : undefined;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
