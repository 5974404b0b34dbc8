/** Which checkpoints a training says it has saved. */
export interface Saves {
  /** How many lines said that a checkpoint is saved. */
  readonly lines: number;
  /** Epochs whose saving is over, 0-based. */
  readonly epochs: ReadonlySet<number>;
  /** A saving that has begun and is not over. */
  readonly current?: { readonly epoch?: number; readonly isAnnounced: boolean };
}

export const noSaves: Saves = { lines: 0, epochs: new Set() };

/**
 * Takes in a line about checkpoints.
 *
 * A save is `Starting checkpoint save...` (distributed: `Saving checkpoint. This may take some time. ...`), then a line
 * for each file (`... saved to {path}`), then `Checkpoint saved in 33.06 seconds.` (distributed: `Saving checkpoint took
 * 3.21 secs`). The paths name the epoch; without them it is the one that was trained last. Recipes that print only the
 * paths never say that a save is over.
 *
 * @param printedEpoch The epoch of the last bar, counted from 1.
 */
export function advanceSaves(saves: Saves, line: string, printedEpoch: number | undefined): Saves {
  if (/Starting checkpoint save|Saving checkpoint\. This may take/u.test(line)) return { ...saves, current: { isAnnounced: true } };
  const path = /saved to (?<path>\S.*)$/u.exec(line)?.groups?.["path"];
  if (path !== undefined) return withPath(saves, path);
  return /Checkpoint saved in|Saving checkpoint took/u.test(line) ? withEnd(saves, printedEpoch) : saves;
}

/** The epoch whose saving was announced but never came to its end, where one can tell; 0-based. */
export function unfinishedEpoch({ current }: Saves, printedEpoch: number | undefined): number | undefined {
  if (current?.isAnnounced !== true) return undefined;
  return current.epoch ?? (printedEpoch === undefined ? undefined : printedEpoch - 1);
}

function withPath(saves: Saves, path: string): Saves {
  const epoch = epochOf(path);
  return epoch === undefined ? saves : { ...saves, current: { isAnnounced: saves.current?.isAnnounced ?? false, epoch } };
}

function withEnd(saves: Saves, printedEpoch: number | undefined): Saves {
  // Ranks may repeat the line: without a path only the printed epoch counts, or the second line would tell of the next one.
  const epoch = saves.current?.epoch ?? (printedEpoch === undefined ? Math.max(-1, ...saves.epochs) + 1 : printedEpoch - 1);
  return { lines: saves.lines + 1, epochs: new Set([...saves.epochs, epoch]) };
}

// `.../epoch_1`, `.../epoch_1/adapter_model.pt`, and before version 0.5 `.../hf_model_0001_1.pt`, `.../adapter_1.pt`.
function epochOf(path: string): number | undefined {
  const name = /(?:^|\/)epoch_(\d+)(?:\/|\s*$)/u.exec(path) ?? /_(\d+)\.(?:pt|safetensors|bin)\s*$/u.exec(path);
  return name?.[1] === undefined ? undefined : Number(name[1]);
}
