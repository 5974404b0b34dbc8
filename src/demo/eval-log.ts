import { strToU8, zipSync } from "fflate";

import { summarizeScores } from "./scoring.ts";
import type { ScoredSample } from "./scoring.ts";

/** An evaluation that is over, with all that its log tells about it. */
export interface FinishedEvaluation {
  readonly task: string;
  readonly taskFile: string;
  readonly taskArgs: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly modelArgs: Readonly<Record<string, unknown>>;
  readonly dataset: { readonly name: string; readonly location: string };
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly startedAt: Date;
  readonly completedAt: Date;
  readonly samples: readonly ScoredSample[];
  readonly ids: { readonly eval: string; readonly run: string; readonly task: string };
}

/** Names a log as inspect-ai does: `{created}_{task}_{id}.eval`, without the characters it avoids. */
export function evalLogName({ startedAt, task, ids }: FinishedEvaluation): string {
  return `${[timestamp(startedAt), task, ids.task].map((part) => part.replaceAll(/[_/:+]/gu, "-")).join("_")}.eval`;
}

/**
 * Builds the bytes of an `.eval` log: a zip of JSON members, with `header.json` as the last one.
 *
 * Members and fields are those that inspect-ai's own reader asks for (schema version 2, `inspect log schema`); members
 * are deflated, as inspect-ai itself did before 0.3.206.
 */
export function buildEvalLog(evaluation: FinishedEvaluation): Uint8Array {
  const start = { version: 2, eval: buildSpec(evaluation), plan };
  const summaries = evaluation.samples.map((sample) => buildSummary(sample, evaluation));
  const members: readonly (readonly [name: string, content: unknown])[] = [
    ["_journal/start.json", start],
    ...evaluation.samples.map((sample) => [`samples/${sample.id}_epoch_1.json`, buildSample(sample, evaluation)] as const),
    ["_journal/summaries/1.json", summaries],
    ["summaries.json", summaries],
    ["reductions.json", [buildReductions(evaluation)]],
    ["header.json", { version: 2, status: "success", eval: start.eval, plan, ...buildResults(evaluation) }],
  ];
  const files = Object.fromEntries(members.map(([name, content]) => [name, strToU8(JSON.stringify(content))]));
  return zipSync(files, { level: 5, mtime: evaluation.startedAt });
}

const scorer = "match";
const scorerOptions = { location: "exact", ignore_case: false };
const plan = { name: "plan", steps: [{ solver: "generate", params: {}, params_passed: {} }], config: {} };

function buildSpec(evaluation: FinishedEvaluation): object {
  const { samples } = evaluation;
  return {
    eval_id: evaluation.ids.eval,
    run_id: evaluation.ids.run,
    created: timestamp(evaluation.startedAt),
    task: evaluation.task,
    task_id: evaluation.ids.task,
    task_version: 0,
    task_file: evaluation.taskFile,
    task_attribs: {},
    task_args: evaluation.taskArgs,
    task_args_passed: evaluation.taskArgs,
    dataset: { ...evaluation.dataset, samples: samples.length, sample_ids: samples.map(({ id }) => id), shuffled: false },
    model: evaluation.model,
    model_generate_config: { seed: evaluation.seed },
    model_args: evaluation.modelArgs,
    config: { epochs: 1, fail_on_error: true, log_samples: true },
    packages: {},
    metadata: evaluation.metadata,
    scorers: [{
      name: scorer,
      options: scorerOptions,
      metrics: [{ name: "inspect_ai/accuracy", options: {} }, { name: "inspect_ai/stderr", options: {} }],
      metadata: {},
    }],
  };
}

function buildResults(evaluation: FinishedEvaluation): object {
  const { samples } = evaluation;
  const { accuracy, stderr } = summarizeScores(samples);
  return {
    results: {
      total_samples: samples.length,
      completed_samples: samples.length,
      scores: [{
        name: scorer,
        scorer,
        scored_samples: samples.length,
        unscored_samples: 0,
        params: scorerOptions,
        metrics: {
          accuracy: { name: "accuracy", value: accuracy, params: {} },
          stderr: { name: "stderr", value: stderr, params: {} },
        },
      }],
    },
    stats: {
      started_at: timestamp(evaluation.startedAt),
      completed_at: timestamp(evaluation.completedAt),
      model_usage: { [evaluation.model]: sumUsage(samples) },
      role_usage: {},
    },
    invalidated: false,
    tags: [],
    metadata: evaluation.metadata,
  };
}

function buildSample(sample: ScoredSample, { model }: FinishedEvaluation): object {
  const answer = { content: sample.answer, source: "generate", role: "assistant", model };
  return {
    id: sample.id,
    epoch: 1,
    input: sample.input,
    target: sample.target,
    messages: [{ content: sample.input, source: "input", role: "user" }, answer],
    output: { model, choices: [{ message: answer, stop_reason: "stop" }], completion: sample.answer, usage: usageOf(sample) },
    scores: { [scorer]: scoreOf(sample) },
    metadata: {},
    store: {},
    events: [],
    model_usage: { [model]: usageOf(sample) },
    attachments: {},
  };
}

function buildSummary(sample: ScoredSample, { model }: FinishedEvaluation): object {
  return {
    id: sample.id,
    epoch: 1,
    input: sample.input,
    target: sample.target,
    metadata: {},
    scores: { [scorer]: scoreOf(sample) },
    model_usage: { [model]: usageOf(sample) },
    completed: true,
    message_count: 2,
  };
}

function buildReductions({ samples }: FinishedEvaluation): object {
  return {
    scorer,
    samples: samples.map((sample) => ({ ...scoreOf(sample), value: Number(sample.isCorrect), sample_id: sample.id })),
  };
}

function scoreOf({ answer, isCorrect }: ScoredSample): object {
  return { value: isCorrect ? "C" : "I", answer, explanation: answer, history: [] };
}

/** What inspect-ai calls tokens are letters here. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

/** Sums up what the model read and wrote. */
export function sumUsage(samples: readonly ScoredSample[]): Usage {
  return usageOf({ input: samples.map(({ input }) => input).join(""), answer: samples.map(({ answer }) => answer).join("") });
}

function usageOf({ input, answer }: { readonly input: string; readonly answer: string }): Usage {
  return { input_tokens: input.length, output_tokens: answer.length, total_tokens: input.length + answer.length };
}

function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/u, "+00:00");
}
