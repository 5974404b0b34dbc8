import type { ExperimentState } from "../domain/state.ts";
import { epochMs, type Instant, laterOf } from "../domain/time.ts";

/**
 * The moment of the newest fact in a state: what a document made from it may call the time of its making.
 *
 * The same state gives the same moment, so that a document changes only when what it tells has changed. When nightshift
 * first looked is no fact of the experiment, and counts only where there is no other: a state that is made afresh for
 * work that nightshift never did has a new one each time. A log's or a checkpoint's time is told in the offset of nightshift's own
 * instants, because evaluators may write theirs in UTC.
 */
export function newestFact(state: ExperimentState): Instant {
  const { armedAt, startedAt, finishedAt } = state.life.context;
  const attempts = [...Object.values(state.runs), ...Object.values(state.evaluations)].flatMap(({ context }) => context.attempts);
  const own = newest([
    armedAt, startedAt, finishedAt,
    ...attempts.flatMap((attempt) => [attempt.intendedAt, attempt.submittedAt, attempt.startedAt, attempt.endedAt, attempt.unclear?.since]),
  ]);
  const log = newest([
    ...Object.values(state.runs).map(({ context }) => context.result?.savedAt),
    ...Object.values(state.evaluations).map(({ context }) => context.result?.completedAt),
  ]);
  if (log === undefined || (own !== undefined && epochMs(log) <= epochMs(own))) return own ?? state.monitoringStarted;
  return inOffsetOf(own ?? state.monitoringStarted, log);
}

function newest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  return instants.reduce<Instant | undefined>(laterOf, undefined);
}

function inOffsetOf(reference: Instant, instant: Instant): Instant {
  const offset = /(?:Z|[+-]\d{2}:?\d{2})$/u.exec(reference)?.[0] ?? "Z";
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/u.exec(offset) ?? [];
  const offsetMs = sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(epochMs(instant) + offsetMs).toISOString().replace("Z", offset);
}
