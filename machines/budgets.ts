/** How often a run or an evaluation may be submitted in all, when the machine under it was lost. Every other failure ends it. */
export const maxAttempts = 3;

/** How long a lost job waits before its next attempt. A node that fell over rarely stands up within seconds. */
export const retryDelayMs = 60_000;

/** How long a job may be missing from a good queue before it counts as over. Controllers fail over within minutes. */
export const missingGraceMs = 600_000;
