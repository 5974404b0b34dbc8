import { evaluationTitle, type Experiment } from "../domain/experiment.ts";
import { plainLine } from "../domain/plain-text.ts";
import { type Problem, renderProblem } from "../domain/problem.ts";
import { type Request, unitsMeant } from "../domain/request.ts";
import type { ExperimentState } from "../domain/state.ts";
import { evaluationStatus, isOver, runStatus, type Status } from "../domain/status.ts";
import { shellQuote } from "./shell.ts";

/** What a pass after a person's request knows. */
export interface SteeredView {
  readonly folder: string;
  readonly problems: readonly Problem[];
  readonly facts?: { readonly experiment: Experiment; readonly obstacle?: string };
  readonly state?: ExperimentState;
}

/** What became of a request, in sentences for the terminal that asked, or what stands in its way. */
export function describeSteering(request: Request, view: SteeredView): { readonly kind: "done" | "obstacle"; readonly text: string } {
  const { folder, facts, state, problems } = view;
  if (facts === undefined || state === undefined) {
    return { kind: "obstacle", text: `noted, and it counts once ${folder} is mended: ${problems.map(renderProblem).join("; ")}` };
  }
  const name = plainLine([nameOf(request), facts.experiment.name].filter((part) => part !== "").join(" of "));
  if (facts.obstacle !== undefined && (request.action === "release" || request.action === "retry")) return { kind: "obstacle", text: `noted, but ${name} cannot go on: ${facts.obstacle}` };
  return { kind: "done", text: sentences(request, name, folder, state) };
}

function sentences(request: Request, name: string, folder: string, state: ExperimentState): string {
  const target = shellQuote([folder, nameOf(request)].filter((part) => part !== "").join("/"));
  const goOn = `A nightshift that watches its folder goes on with it; where there is none: nightshift run ${shellQuote(folder)}`;
  switch (request.action) {
    case "hold": return `${name} is held: nothing more is submitted for it, and jobs that are there go on. To let it go on: nightshift release ${target}`;
    case "cancel": {
      const left = statuses(request, state).filter(([, status]) => !isOver(status)).map(([title]) => title);
      if (left.length === 0) return `${name} is cancelled: nothing of it is in the queue, and nothing more is submitted for it. To do it again: nightshift retry ${target}`;
      return `${name} is being cancelled: ${plainLine(left.join(", "))}. ${goOn}`;
    }
    case "retry": {
      if (state.life.state === "held") return `${name} is to be done again, but the whole experiment is held. To let it go on: nightshift release ${shellQuote(folder)}`;
      const again = statuses(request, state).filter(([, , isAgain]) => isAgain).map(([title]) => title);
      return again.length === 0 ? `${name}: there is nothing to do again.` : `${name} is done again: ${plainLine(again.join(", "))}. ${goOn}`;
    }
    default: {
      if (state.life.state === "finished") return `${name} is finished; nothing is left to do.`;
      if (state.life.state === "held") return `${name} is released, but the whole experiment is held. To let it go on: nightshift release ${shellQuote(folder)}`;
      return `${name} is released. ${goOn}`;
    }
  }
}

function nameOf({ run, task, epoch }: Request): string {
  return [run, task, epoch === undefined ? undefined : String(epoch)].filter((part) => part !== undefined).join("/");
}

// Title, status, and whether it has been asked for again or is on its way after that.
function statuses(request: Request, state: ExperimentState): readonly (readonly [string, Status, boolean])[] {
  const { runs, evaluations } = unitsMeant(state, request);
  return [
    ...runs.flatMap((name) => { const life = state.runs[name]; return life === undefined ? [] : [[name, runStatus(life), isAgain(life)] as const]; }),
    ...evaluations.flatMap((key) => { const [life, unit] = [state.evaluations[key], state.units[key]]; return life === undefined || unit === undefined ? [] : [[evaluationTitle(unit), evaluationStatus(life), isAgain(life)] as const]; }),
  ];
}

function isAgain({ context: { retry, attempts } }: ExperimentState["runs"][string] | ExperimentState["evaluations"][string]): boolean {
  return retry !== undefined || attempts.at(-1)?.askedBy !== undefined;
}
