import { evaluationKey, evaluationTitle, type Experiment, isTrained } from "../domain/experiment.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Places } from "../domain/places.ts";
import { renderProblem } from "../domain/problem.ts";
import { type StatusView, whyExperiment, wordFor } from "./status-view.ts";
import { wouldSubmit } from "./would-submit.ts";

/**
 * Renders what `check` found: problems with their places, the scaffolding part by part, where things are looked for, and
 * what would be submitted.
 */
export function renderCheck(view: StatusView): string {
  const { experiment, places, folder } = view;
  const name = plainLine(experiment?.name ?? folder.slice(folder.lastIndexOf("/") + 1));
  const why = whyExperiment(view);
  const head = [`${name}: ${wordFor(view)}`, `  ${plainLine(folder)}`, ...(why === undefined || wordFor(view) === "invalid" ? [] : [`  ${plainLine(why)}`])].join("\n");
  const sections = experiment === undefined || places === undefined
    ? [problems(view)]
    : [design(experiment), problems(view), scaffolding(view, experiment, places), whereThingsAre(experiment, places, folder), submissions(view, experiment, places)];
  return [head, ...sections].join("\n\n");
}

function design(experiment: Experiment): string {
  const { runs, evaluations, epochs, question } = experiment;
  const tasks = [...new Set(evaluations.map(({ task }) => task))];
  return section("Design", [
    ...(question === undefined ? [] : [question]),
    `${runs.length} runs: ${runs.map(({ name, type }) => (type === "fine-tuned" ? name : `${name} (${type})`)).join(", ")}`,
    `${evaluations.length} evaluations${tasks.length === 0 ? "" : ` of ${tasks.join(", ")}`}`,
    `${experiment.optimizer} trains${epochs === undefined ? "" : ` ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`}, ${experiment.evaluator} evaluates`,
  ]);
}

function problems({ problems: found }: StatusView): string {
  return section("Problems", found.length === 0 ? ["none"] : found.map((problem) => `${problem.severity === "error" ? "✗" : "!"} ${renderProblem(problem)}`));
}

// Reported part by part, because evaluation scripts alone may be missing while trainings go ahead.
function scaffolding({ reading, folder }: StatusView, { runs, evaluations, optimizer, evaluator }: Experiment, places: Places): string {
  const trained = runs.filter(isTrained);
  const inside = (path: string | undefined): string => relativeTo(folder, path ?? "");
  const trainings = trained.filter(({ name }) => places.runs.get(name)?.script === undefined).map(({ name }) => `${name}: ${inside(places.runs.get(name)?.scriptCandidates[0])}`);
  const cells = evaluations.filter((evaluation) => places.evaluations.get(evaluationKey(evaluation))?.script === undefined)
    .map((evaluation) => `${evaluationTitle(evaluation)}: ${inside(places.evaluations.get(evaluationKey(evaluation))?.scriptCandidates[0])}`);
  const part = (tool: string, noun: string, all: number, missing: readonly string[]): string[] => [
    `${missing.length === 0 ? "✓" : "✗"} ${tool}: ${all - missing.length} of ${all} ${noun} scripts`,
    ...missing.map((entry) => `    missing ${entry}`),
  ];
  return section("Scaffolding", [
    ...part(optimizer, "training", trained.length, trainings),
    ...part(evaluator, "evaluation", evaluations.length, cells),
    ...(trainings.length > 0 ? ["Run the scaffold-experiment skill; nothing is submitted before every training script is there."] : []),
    ...(trainings.length === 0 && cells.length > 0 ? ["Run the scaffold-experiment skill; training can go ahead, an evaluation waits for its script."] : []),
    ...(reading?.strayScripts ?? []).map((script) => `! ${script} belongs to nothing in the summary and is left alone`),
    ...(reading?.traces ?? []).map((trace) => `! earlier work: ${trace}`),
  ]);
}

function whereThingsAre({ runs, evaluations }: Experiment, places: Places, folder: string): string {
  const inside = (path: string | undefined): string => relativeTo(folder, path ?? "nowhere");
  const training = runs.filter(isTrained).map(({ name }) => {
    const where = places.runs.get(name);
    return `${name}: output in ${inside(where?.outputFolders[0])}, checkpoints in ${inside(where?.checkpointFolders[0])}`;
  });
  const evaluating = evaluations.map((evaluation) => `${evaluationTitle(evaluation)}: logs in ${inside(places.evaluations.get(evaluationKey(evaluation))?.logFolders[0])}`);
  return section("Where things are looked for first", [...training, ...evaluating]);
}

function submissions(view: StatusView, experiment: Experiment, places: Places): string {
  if (view.state === undefined || wordFor(view) === "invalid") return section("Would submit", ["nothing before the problems are mended"]);
  if (view.obstacle !== undefined) return section("Would submit", ["nothing before that is mended which stands in the way"]);
  const { trainings, evaluations } = wouldSubmit({ experiment, state: view.state });
  const line = (title: string, where: { script?: string; submitFolder: string } | undefined): string => (where?.script === undefined
    ? `${title}, once its script is there`
    : `${title}: ${relativeTo(view.folder, where.script)}, from ${relativeTo(view.folder, where.submitFolder)}`);
  const lines = [
    ...trainings.map(({ run }) => line(`training ${run.name}`, places.runs.get(run.name))),
    ...evaluations.map(({ title, key }) => line(`evaluation ${title}`, places.evaluations.get(key))),
  ];
  const hold = wordFor(view) === "held" && lines.length > 0 ? ["Nothing of this before it is released: nightshift release EXPERIMENT, or nightshift run EXPERIMENT"] : [];
  return section("Would submit", lines.length === 0 ? ["nothing: all of it is done or under way"] : [...lines, ...hold]);
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line.startsWith("    ") ? "    " : ""}${plainLine(line)}`)].join("\n");
}

function relativeTo(folder: string, path: string): string {
  if (path === folder) return ".";
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
