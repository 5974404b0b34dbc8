import { randomBytes } from "node:crypto";
import { basename, join } from "node:path";

import { ensureFolder, writeFileDurably } from "../system/durable-file.ts";
import { buildEvalLog, evalLogName } from "./eval-log.ts";
import type { FinishedEvaluation } from "./eval-log.ts";
import { evaluationConfig, wordsFile } from "./job-files.ts";
import type { EvaluationConfig } from "./job-files.ts";
import { predictWord } from "./model.ts";
import { readJobFile } from "./read-job-file.ts";
import { readBase, readCheckpoint } from "./read-model.ts";
import { renderResult } from "./result-display.ts";
import { scoreWords } from "./scoring.ts";

/** Evaluates a checkpoint or the base model on the held-out words, and writes an `.eval` log once all is known. */
export async function runEvaluation(configPath: string, logFolder: string, print: (text: string) => void): Promise<void> {
  const startedAt = new Date();
  const config = await readJobFile(configPath, evaluationConfig);
  const words = await readJobFile(config.data_path, wordsFile);
  const { base, adapter } = config.is_finetuned
    ? await readCheckpoint(config.model_path)
    : { base: await readBase(config.model_path), adapter: undefined };
  const samples = scoreWords(words.test, (word) => predictWord(base, adapter, word));
  const evaluation = { ...describe(config), startedAt, completedAt: new Date(), samples };

  const path = join(logFolder, evalLogName(evaluation));
  ensureFolder(logFolder);
  writeFileDurably(path, buildEvalLog(evaluation));
  print(renderResult(evaluation, path));
}

function describe(config: EvaluationConfig): Omit<FinishedEvaluation, "startedAt" | "completedAt" | "samples"> {
  const epoch = typeof config.epoch === "number" ? { epoch: config.epoch } : {};
  return {
    task: config.task_name,
    taskFile: config.task_script,
    taskArgs: { data_path: config.data_path, split: "test", vis_label: config.vis_label },
    model: config.model_hf_name,
    modelArgs: { model_path: config.model_path },
    dataset: { name: basename(config.data_path, ".json"), location: config.data_path },
    metadata: { ...epoch, is_finetuned: config.is_finetuned, source_model: config.source_model },
    seed: config.seed,
    ids: { eval: createId(), run: createId(), task: createId() },
  };
}

// 22 letters and digits, as long as inspect-ai's own and from the same alphabet, which has no look-alikes.
function createId(): string {
  const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  return Array.from(randomBytes(22), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
