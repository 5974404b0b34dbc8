import { formatElapsed } from "../domain/elapsed.ts";
import type { EvaluationHappening, ExperimentHappening, Happening, ModuleHappening, RunHappening } from "../domain/happening.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Status } from "../domain/status.ts";
import { formatFraction, formatLoss } from "./numbers.ts";

/**
 * Renders one happening as one line for a terminal, without its time:
 * `cap_lora: rank8: RUNNING -> COMPLETED after 8m 15s, final loss 0.198`.
 */
export function renderHappening(happening: Happening): string {
  const what = sentenceOf(happening);
  const subject = happening.kind === "experiment" ? what : `${happening.subject}: ${what}`;
  return plainLine(`${happening.experiment}: ${subject}`);
}

function sentenceOf(happening: Happening): string {
  switch (happening.kind) {
    case "experiment": return aboutExperiment(happening);
    case "module": return aboutModule(happening);
    case "run": case "evaluation": return aboutUnit(happening);
  }
}

function aboutExperiment({ what, reason }: ExperimentHappening): string {
  const because = reason === undefined ? "" : `: ${reason}`;
  switch (what) {
    case "discovered": return "found";
    case "armed": return `armed${because}`;
    case "released": return `released${because}`;
    case "held": return `held${because}`;
    case "waiting": return reason ?? "waits";
    case "started": return "everything is there, work begins";
    case "reopened": return `goes on${because}`;
    case "finished": return `finished${because}`;
  }
}

function aboutModule({ module, what, total, counts, jobIds, elapsedMs }: ModuleHappening): string {
  switch (what) {
    case "begun": return `${module} of ${countOf(total, module)} begins`;
    case "all submitted": return `all submitted, ${jobIds.length} ${jobIds.length === 1 ? "job" : "jobs"}`;
    case "complete": return `${module} complete, ${renderCounts(counts)}${after(elapsedMs)}`;
  }
}

function aboutUnit(happening: RunHappening | EvaluationHappening): string {
  const { what, from, to, jobId, elapsedMs, reason, attempt } = happening;
  const again = attempt === undefined || attempt === 1 ? "" : ` (attempt ${attempt})`;
  switch (what) {
    case "submitted": return reason === undefined ? `submitted as job ${jobId}${again}` : `followed as job ${jobId}${again}: ${reason}`;
    case "submission failed": return reason ?? "submission refused";
    case "result read": return `read again, ${resultOf(happening) ?? to}`;
    case "became stale": return "its script or configuration changed, so that its result is stale";
    case "status changed": {
      const ended = to === "COMPLETED" ? [resultOf(happening), reason].filter((part) => part !== undefined).join("; ") || undefined : reason;
      const known = to === "RUNNING" || to === "PENDING" ? (jobId === undefined ? undefined : `job ${jobId}`) : ended;
      return [`${from} -> ${to}${after(elapsedMs)}`, known].filter((part) => part !== undefined).join(", ");
    }
  }
}

function resultOf(happening: RunHappening | EvaluationHappening): string | undefined {
  if (happening.kind === "run") return happening.result?.finalLoss === undefined ? undefined : `final loss ${formatLoss(happening.result.finalLoss)}`;
  const accuracy = happening.result?.accuracy ?? happening.result?.binary?.accuracy;
  return accuracy === undefined ? undefined : `accuracy ${formatFraction(accuracy)}`;
}

function after(elapsedMs: number | undefined): string {
  return elapsedMs === undefined ? "" : ` after ${formatElapsed(elapsedMs)}`;
}

/** `4 PENDING, 4 RUNNING`; those in `always` are named even when there are none. */
export function renderCounts(counts: Readonly<Partial<Record<Status, number>>>, always: readonly Status[] = []): string {
  const others = (Object.keys(counts) as Status[]).filter((status) => !always.includes(status));
  return [...always, ...others].map((status) => `${counts[status] ?? 0} ${status}`).join(", ");
}

/** `1 run`, `8 evaluations`. */
export function countOf(count: number, module: ModuleHappening["module"]): string {
  return `${count} ${module === "optimization" ? "run" : "evaluation"}${count === 1 ? "" : "s"}`;
}
