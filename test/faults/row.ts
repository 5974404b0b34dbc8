import type { SmallExperiment } from "../support/small-experiment.ts";
import type { Stage } from "./stage.ts";

/** One fault: what goes wrong, and the three things that are held to it when it is played. Its texts are Markdown. */
export interface Row {
  /** What goes wrong, in a phrase. */
  readonly fault: string;
  /** What nightshift does about it, in a phrase. */
  readonly answer: string;
  /** What the user sees, in `nightshift status`, in a log or as it happens. `…` stands for names, numbers, times and paths. */
  readonly sentence: string;
  /** The experiment's state at the end (`none` where there is none any more), and the status of each unit that is not COMPLETED. */
  readonly ends: Readonly<Record<string, string>> & { readonly experiment: string };
  /** How often the jobs themselves say that a unit was begun with, where that is not once. */
  readonly ran?: Readonly<Record<string, number>>;
  /** How the experiment differs from the smallest one. */
  readonly shape?: Omit<SmallExperiment, "ledger">;
  /** Where the experiment stands in the end, in the watched folder, where that is not where it stood in the beginning. */
  readonly folder?: string;
  /** Why it cannot be played on this machine. */
  readonly whyNot?: string | undefined;
  readonly play: (stage: Stage) => Promise<void>;
}
