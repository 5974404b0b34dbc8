import * as z from "zod";

// A number that JSON cannot hold is the text that Python prints for it.
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);
const fraction = z.number().min(0).max(1);

/** What the metrics of a task with the targets 0 and 1 are called, as in cruijff_kit's summary_binary.py. */
const binary = z.object({
  status: z.literal("success"), path: z.string(), samples: z.int(), accuracy: fraction, balanced_accuracy: fraction, f1: fraction, precision_1: fraction, recall_1: fraction, recall_0: fraction,
  confusion_matrix: z.object({ tp: z.int(), tn: z.int(), fp: z.int(), fn: z.int(), other: z.int() }),
});

const readable = z.object({
  status: z.literal("success").describe("that the log could be read; how the evaluation ended is log_status"),
  path: z.string(),
  task: z.string(),
  accuracy: number.optional().describe("of the scorer that the task declares its headline, else of the first that has one"),
  samples: z.int().describe("behind the metrics, after epochs were reduced"),
  scorer: z.string().optional(),
  model: z.string(),
  version: z.string().optional().describe("of the inspect-ai that wrote the log"),
  created: z.string(),
  completed: z.string().optional(),
  eval_id: z.string().optional(),
  run_id: z.string().optional(),
  log_status: z.enum(["started", "success", "cancelled", "error"]).describe("inspect-ai's own word"),
  error: z.string().optional(),
  total_samples: z.int().optional(),
  completed_samples: z.int().optional(),
  epochs: z.int().describe("how often each sample was run; nothing to do with epochs of training"),
  metadata: z.record(z.string(), z.unknown()),
  tags: z.array(z.string()),
  metrics: z.array(z.object({
    scorer: z.string(), score: z.string().optional().describe("which of the scorer's values, where it gives several"), name: z.string(), reducer: z.string().optional(), value: number,
  })),
  partial: z.boolean().describe("whether the metrics are not those of a whole and valid evaluation"),
  invalidated: z.boolean().describe("whether somebody marked the log, or samples of it, as invalid"),
  warnings: z.array(z.string()),
  binary: binary.optional().describe("of tasks whose targets are all 0 or 1"),
});

const unreadable = z.object({ status: z.literal("error"), message: z.string(), path: z.string() });

/** The error that `inspect log recover` gives to a log which it made of what a killed evaluation left. Its samples are all that it counts. */
export const recoveredFromCrash = "Eval recovered from crash";

/** What `nightshift eval-log --json` prints for one log. */
export const logObjectSchema = z.discriminatedUnion("status", [readable, unreadable]);

export type LogObject = z.infer<typeof logObjectSchema>;
export type ReadableLogObject = z.infer<typeof readable>;
