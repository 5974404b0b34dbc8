import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EvaluationQuestion, EvaluationReading } from "../../../src/domain/evaluator.ts";
import type { Evaluation } from "../../../src/domain/experiment.ts";
import { inspectEvaluator } from "../../../src/evaluators/inspect/inspect.ts";
import { expectedAccuracy, expectedMetricLines, type ExpectedScore, metricLines, readJson } from "./expected-log.ts";

const recorded = join(import.meta.dirname, "../../../../shared/data/torchtune-real");

/** What Python's own libraries say of one evaluation. */
interface Oracle {
  readonly file: string;
  readonly status: string;
  readonly task: string;
  readonly model: string;
  readonly created: string;
  readonly completed_at: string;
  readonly dataset_samples: number;
  readonly total_samples: number | null;
  readonly completed_samples: number | null;
  /** How many samples were given which value, by scorer. */
  readonly value_counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly scorers: readonly string[];
  readonly accuracy: number | null;
  readonly scores: readonly ExpectedScore[];
  readonly binary: null;
  readonly error: string | null;
}

interface OracleFile {
  readonly runs: Readonly<Record<string, { readonly evals: Readonly<Record<string, Oracle>> }>>;
}

describe.skipIf(!existsSync(recorded))("evaluations that really ran", () => {
  describe.each(["cap_current", "cap_fail", "extras"])("in %s", (experiment) => {
    const cases = existsSync(recorded) ? evaluationsOf(experiment) : [];
    test.each(cases)("$run/$cell", async ({ evaluation, folder, oracle }) => {
      const { log, ...reading } = await ask(evaluation, folder);
      expect(reading).toEqual({ logCount: 1, problems: [] });
      expect(log).toMatchObject({ path: join(recorded, experiment, "tree", experiment, oracle.file), status: oracle.status, task: oracle.task, model: oracle.model });
      expect(Date.parse(log?.created ?? "")).toBe(Date.parse(oracle.created));
      expect(log?.completedAt ?? "").toBe(oracle.completed_at);
      expect(log?.totalSamples).toBe(oracle.total_samples ?? oracle.dataset_samples);
      expect(log?.completedSamples).toBe(oracle.completed_samples ?? scoredSamples(oracle));
      expect(log?.accuracy).toBe(oracle.accuracy ?? undefined);
      expect(log?.accuracy).toBe(expectedAccuracy(oracle.scores));
      expect(log?.scorer).toBe(oracle.scorers[0]);
      expect(log === undefined ? [] : metricLines(log)).toEqual(expectedMetricLines(oracle.scores));
      expect(log?.binary).toBeUndefined();
      expect(log?.failure).toEqual(oracle.error === null ? undefined : { cause: "evaluation error", message: oracle.error });
    });
  });

  test("a folder of another epoch's log is told", async () => {
    const folder = join(recorded, "extras/tree/extras/rank8_lr1e-3/eval/capitalization_epoch1/logs");
    const reading = await ask({ run: "rank8_lr1e-3", task: "capitalization", epoch: 0 }, folder);
    expect(reading.log?.accuracy).toBe(1);
    expect(reading.problems).toMatchObject([{
      severity: "warning",
      expected: "epoch 0 (its folder)",
      found: "epoch 1 (metadata epoch), epoch 1 (model hf/rank8_lr1e-3_epoch_1), epoch 1 (model path)",
    }]);
  });
});

function evaluationsOf(experiment: string): readonly { run: string; cell: string; evaluation: Evaluation; folder: string; oracle: Oracle }[] {
  const { runs } = readJson(join(recorded, experiment, "oracle.json")) as OracleFile;
  return Object.entries(runs).flatMap(([run, { evals }]) => Object.entries(evals).map(([path, oracle]) => {
    const cell = path.slice(0, path.indexOf("/"));
    const [, task = cell, epoch] = /^(.*)_epoch(\d+)$/u.exec(cell) ?? [];
    const folder = dirname(join(recorded, experiment, "tree", experiment, oracle.file));
    return { run, cell, evaluation: { run, task, epoch: epoch === undefined ? null : Number(epoch) }, folder, oracle };
  }));
}

// A log without results tells its completed samples only through their scores.
function scoredSamples({ value_counts }: Oracle): number {
  return Math.max(0, ...Object.values(value_counts).map((counts) => Object.values(counts).reduce((sum, count) => sum + count, 0)));
}

function ask(evaluation: Evaluation, folder: string): Promise<EvaluationReading> {
  const question: EvaluationQuestion = {
    evaluation,
    places: { scriptCandidates: [], submitFolder: dirname(folder), logFolders: [folder], logsAreShared: false, configFiles: [] },
    jobIsOver: true,
  };
  return inspectEvaluator().readEvaluation(question);
}
