import { sumUsage } from "./eval-log.ts";
import type { FinishedEvaluation } from "./eval-log.ts";
import { summarizeScores } from "./scoring.ts";

/** Renders what an evaluation says at its end, in the shape of inspect-ai's display on 80 columns. */
export function renderResult(evaluation: FinishedEvaluation, logPath: string): string {
  const { accuracy, stderr } = summarizeScores(evaluation.samples);
  const usage = sumUsage(evaluation.samples);
  const [inputs, outputs, total] = [usage.input_tokens, usage.output_tokens, usage.total_tokens].map((count) => count.toLocaleString("en-US"));
  return [
    `╭${"─".repeat(width)}╮`,
    `│${`${evaluation.task} (${evaluation.samples.length} samples): ${evaluation.model}`.padEnd(width)}│`,
    `╰${"─".repeat(width)}╯`,
    `seed: ${evaluation.seed}, dataset: ${evaluation.dataset.name}`,
    "",
    `${"total time:".padEnd(37)}${renderElapsed(evaluation.completedAt.getTime() - evaluation.startedAt.getTime())}`,
    `${evaluation.model.padEnd(36)} ${total} tokens [I: ${inputs}, O: ${outputs}]`,
    "",
    "match",
    `accuracy  ${accuracy.toFixed(3)}`,
    `stderr    ${stderr.toFixed(3)}`,
    "",
    `Log: ${logPath}`,
    "",
  ].join("\n");
}

const width = 78;

function renderElapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `0:${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
