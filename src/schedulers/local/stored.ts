import * as z from "zod";

import { processIdentitySchema } from "../../system/process-identity.ts";

/** A job as it was submitted: `job.json`. */
export const storedJobSchema = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  /** The submitted script, absolute; what runs is the spool's own copy of it. */
  script: z.string(),
  /** Where the script notes its start and exit. */
  recordFolder: z.string(),
  interpreter: z.object({ path: z.string(), argument: z.string().optional() }),
  submitFolder: z.string(),
  workFolder: z.string(),
  /** Absolute. Without `error` both streams go to `output`. */
  output: z.string(),
  error: z.string().optional(),
  timeLimitMs: z.number().optional(),
  gpus: z.number(),
  tasks: z.number(),
  cpusPerTask: z.number().optional(),
  submittedAt: z.string(),
  submitHost: z.string(),
});
export type StoredJob = z.infer<typeof storedJobSchema>;

/** That a runner took the job, and which GPUs it gave to it: `taken.json`. */
export const takenSchema = z.object({ runner: processIdentitySchema, at: z.string(), gpus: z.array(z.string()), note: z.string().optional() });
export type Taken = z.infer<typeof takenSchema>;

/** That the job is to be stopped, and what that makes of it: `stop.json`, created once. */
export const stopSchema = z.object({ as: z.enum(["CANCELLED", "TIMEOUT"]), at: z.string() });
export type Stop = z.infer<typeof stopSchema>;

/** How the job ended: `ended.json`, created once. */
export const endedSchema = z.object({
  state: z.enum(["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"]),
  at: z.string(),
  reason: z.string().optional(),
  exitCode: z.number().optional(),
  signal: z.number().optional(),
});
export type Ended = z.infer<typeof endedSchema>;

/** What all runners of a spool keep to: `limits.json`. */
export const limitsSchema = z.object({
  maxJobs: z.number(),
  /** Names of the machine's GPUs, as CUDA_VISIBLE_DEVICES has them. */
  gpus: z.array(z.string()),
  /** How long a job may take to end after SIGTERM, before SIGKILL. */
  killWaitMs: z.number(),
});
export type Limits = z.infer<typeof limitsSchema>;
