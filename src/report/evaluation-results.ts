import { noResult, renderBestPerforming } from "./best-performing.ts";
import { escapeMarkdown, firstOf, labelled, renderTable } from "./markdown.ts";
import { formatFraction } from "./numbers.ts";
import { choiceOf } from "./reasons.ts";
import { hasFailed } from "./status-words.ts";
import { type EvaluationUnit, evaluationUnits, type ExperimentView, formerUnits } from "./units.ts";

/**
 * Renders the table of evaluations in the order of the matrix, the best of each task, and notes where there is something to say.
 *
 * ERROR stands where a log is there but says that the evaluation went wrong, or cannot be read; an evaluation without any
 * result is left to the section on incomplete runs.
 */
export function renderEvaluationResults(view: ExperimentView): string[] {
  const units = evaluationUnits(view);
  const rows = units.flatMap((unit) => {
    const { run, task, epoch } = unit.evaluation;
    const numbers = numbersOf(unit);
    return numbers === undefined ? [] : [[run, task, epoch === null ? none : String(epoch), ...numbers]];
  });
  const table = rows.length > 0
    ? renderTable(["Run", "Task", "Epoch", "Accuracy", "Bal. Acc", "F1", "Samples"], rows)
    : units.length === 0 ? "The experiment has no evaluations." : `${capitalized(noResult(units))}.`;
  const notes = renderNotes(view, units);
  return [table, ...renderBestPerforming(units), ...(notes.length === 0 ? [] : [labelled("Notes", notes)])];
}

function capitalized(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}

const none = "-";

function numbersOf({ status, life: { context } }: EvaluationUnit): string[] | undefined {
  const { result } = context;
  if (status === "COMPLETED" && result !== undefined) {
    const { accuracy, binary, samples, printed } = result;
    const balanced = binary === undefined ? none : formatFraction(binary.balancedAccuracy);
    const f1 = binary === undefined ? none : formatFraction(binary.f1);
    return [formatFraction(accuracy ?? binary?.accuracy), balanced, f1, printed === true && samples === 0 ? none : String(samples)];
  }
  const isUnreadable = context.failure?.cause === "unreadable evaluation log";
  return isUnreadable || (result?.logStatus === "error" && context.failure !== undefined) ? ["ERROR", none, none, none] : undefined;
}

function renderNotes(view: ExperimentView, units: readonly EvaluationUnit[]): string[] {
  const titles = (test: (unit: EvaluationUnit) => boolean): string => escapeMarkdown(firstOf(units.filter(test).map(({ title }) => title)));
  const note = (sentence: string, names: string): string[] => (names === "" ? [] : [`${sentence}: ${names}`]);
  return [
    ...note("Stale, because script or configuration changed after the evaluation began", titles(({ life }) => life.context.stale === true)),
    ...note("Not evaluated by nightshift, read from logs that stood there", titles(({ status, life }) => status === "COMPLETED" && life.context.adopted !== undefined)),
    ...note("As their jobs printed it, to a few digits, since no log of them could be read", titles(({ status, life }) => status === "COMPLETED" && life.context.result?.printed === true)),
    ...units.flatMap(({ title, status, life }) => {
      const choice = status === "COMPLETED" || hasFailed(status) ? choiceOf(life) : undefined;
      return choice === undefined ? [] : [escapeMarkdown(`${title}: ${choice}`)];
    }),
    ...note("No longer in the experiment, and left out here", escapeMarkdown(firstOf(formerUnits(view).evaluations))),
  ];
}
