import type { Distrust } from "../domain/distrust.ts";
import { plainLine } from "../domain/plain-text.ts";
import { type Problem, renderProblem } from "../domain/problem.ts";
import type { ExperimentState } from "../domain/state.ts";
import { describeDistrust } from "./distrust.ts";
import { firstOf } from "./markdown.ts";
import { shellQuote } from "./shell.ts";

/** What became of an experiment that was to be adopted, as far as it is told. */
export type AdoptionView =
  | { readonly kind: "moved"; readonly from: string; readonly state: ExperimentState }
  | { readonly kind: "new"; readonly state: ExperimentState; readonly problems: readonly Problem[]; readonly keptAs?: string; readonly recordsIn: string }
  | { readonly kind: "needless" }
  | { readonly kind: "distrusted"; readonly distrust: Distrust }
  | { readonly kind: "impossible"; readonly reason: string; readonly problems: readonly Problem[] };

/** Says what became of it, or what stands in its way, in sentences for the terminal that asked. */
export function describeAdoption(adoption: AdoptionView, folder: string): { readonly kind: "done" | "obstacle"; readonly text: string } {
  switch (adoption.kind) {
    case "moved": {
      const { state, from } = adoption;
      const release = state.life.state === "held" ? `It is held (${plainLine(state.life.context.reason ?? "")}). To let it go on: nightshift release ${shellQuote(folder)}` : `It goes on as it was: ${state.life.state}.`;
      return { kind: "done", text: `${plainLine(state.experiment)} is adopted at ${plainLine(folder)}; it was moved from ${plainLine(from)}. ${release}` };
    }
    case "new": return { kind: "done", text: describeNew(adoption, folder) };
    case "needless": return { kind: "done", text: `There is nothing to adopt: what stands in ${plainLine(folder)} is its own, or there is no state at all.` };
    case "distrusted": return { kind: "obstacle", text: `${plainLine(folder)}: ${describeDistrust(adoption.distrust, folder)}` };
    case "impossible": return { kind: "obstacle", text: [`${plainLine(folder)} cannot be adopted: ${plainLine(adoption.reason)}`, ...adoption.problems.map(renderProblem)].join("\n") };
  }
}

function describeNew({ state, problems, keptAs, recordsIn }: Extract<AdoptionView, { kind: "new" }>, folder: string): string {
  const earlier = [...Object.entries(state.runs), ...Object.entries(state.evaluations)].flatMap(([unit, { context }]) => (context.adopted === undefined || context.adopted === controlsAre ? [] : [`${unit}: ${context.adopted}`]));
  const errors = problems.filter(({ severity }) => severity === "error").map(renderProblem);
  return [
    `${plainLine(state.experiment)} is an experiment of its own now (${plainLine(state.id)}). What the original had on record is put aside: ${keptAs === undefined ? "" : `${keptAs}, `}${recordsIn}`,
    ...(earlier.length === 0 ? ["Nothing of earlier work stands in it."] : [`Earlier work that stands in it counts as such: ${plainLine(firstOf(earlier, 5))}`]),
    ...(errors.length === 0 ? [] : [`Before it can go on: ${plainLine(firstOf(errors, 3))}`]),
    `It is held. To let it go on: nightshift release ${shellQuote(folder)}`,
  ].join("\n");
}

const controlsAre = "a control is not trained";
