/** Why a job, a training or an evaluation did not succeed: one word for people, then the telling line. */
export interface Failure {
  readonly cause: FailureCause;
  /** One line: the exception's last line, the scheduler's reason, or what was missing. Never with secrets in it. */
  readonly message: string;
  /** The file to look at, relative to the experiment's folder where it lies inside. */
  readonly file?: string;
}

export const failureCauses = [
  "time limit",
  "out of memory",
  "GPU out of memory",
  "cancelled",
  "node failure",
  "launch failure",
  "lost",
  "error",
  "no checkpoint",
  "no evaluation log",
  "unreadable evaluation log",
  "evaluation error",
  "evaluation incomplete",
  "submission refused",
] as const;

export type FailureCause = (typeof failureCauses)[number];
