import type { EvaluationReading } from "../domain/evaluator.ts";
import type { TrainingReading } from "../domain/optimizer.ts";
import { formatFraction, formatLoss } from "./numbers.ts";
import type { StatusView } from "./status-view.ts";
import type { EvaluationUnit, RunUnit } from "./units.ts";

/** What the Epoch and Result columns say of a run or an evaluation: its result, or how far it is. */
export function renderProgress(unit: RunUnit | EvaluationUnit, view: StatusView): { readonly epoch: string; readonly result: string } {
  return "run" in unit
    ? trainingProgress(unit, view, view.trainings?.get(unit.run.name))
    : { epoch: unit.evaluation.epoch === null ? "-" : String(unit.evaluation.epoch), result: evaluationProgress(unit, view.evaluations?.get(unit.key)) };
}

function trainingProgress({ run, life: { context }, status }: RunUnit, { experiment }: StatusView, reading: TrainingReading | undefined): { epoch: string; result: string } {
  if (run.type !== "fine-tuned") return { epoch: "-", result: "" };
  const { result } = context;
  if (result !== undefined && (status === "COMPLETED" || result.finalLoss !== undefined)) {
    return { epoch: share(result.epochs, experiment?.epochs), result: result.finalLoss === undefined ? "" : `loss ${formatLoss(result.finalLoss)}` };
  }
  if (status !== "RUNNING" || reading?.last === undefined) return { epoch: "", result: "" };
  const { epoch, step, loss } = reading.last;
  return { epoch: share(epoch, experiment?.epochs), result: `loss ${formatLoss(loss)}, step ${step}` };
}

// Epochs begun, of how many.
function share(epochs: number | undefined, all: number | undefined): string {
  if (epochs === undefined) return "";
  return all === undefined ? String(epochs) : `${epochs}/${all}`;
}

function evaluationProgress({ life: { context }, status }: EvaluationUnit, reading: EvaluationReading | undefined): string {
  const { result } = context;
  if (status === "COMPLETED" && result !== undefined) {
    const accuracy = result.accuracy ?? result.binary?.accuracy;
    return accuracy === undefined ? "no accuracy" : `accuracy ${formatFraction(accuracy)}`;
  }
  const { completedSamples, totalSamples, soFar } = reading?.log ?? {};
  if (status !== "RUNNING" || completedSamples === undefined) return "";
  const samples = totalSamples === undefined ? `${completedSamples} samples` : `${completedSamples}/${totalSamples} samples`;
  return soFar?.accuracy === undefined ? samples : `${samples}, accuracy ${formatFraction(soFar.accuracy)}`;
}
