import type { ExperimentState } from "../domain/state.ts";
import { epochMs, type Instant, laterOf } from "../domain/time.ts";

/**
 * The moment of the newest fact in a state: what a document made from it may call the time of its making.
 *
 * The same state gives the same moment, so that a document changes only when what it tells has changed. A log's time of
 * completion counts as well, in the offset of nightshift's own instants: evaluators may write theirs in UTC.
 */
export function newestFact(state: ExperimentState): Instant {
  const { armedAt, startedAt, finishedAt } = state.life.context;
  const works = [...Object.values(state.runs), ...Object.values(state.evaluations)];
  const attempts = works.flatMap(({ context }) => context.attempts);
  const own = [
    armedAt, startedAt, finishedAt,
    ...attempts.flatMap((attempt) => [attempt.intendedAt, attempt.submittedAt, attempt.startedAt, attempt.endedAt, attempt.unclear?.since]),
  ].reduce<Instant>((newest, instant) => laterOf(newest, instant) ?? newest, state.monitoringStarted);
  const logs = Object.values(state.evaluations).map(({ context }) => context.result?.completedAt);
  const log = logs.reduce<Instant | undefined>(laterOf, undefined);
  return log === undefined || epochMs(log) <= epochMs(own) ? own : inOffsetOf(own, log);
}

function inOffsetOf(reference: Instant, instant: Instant): Instant {
  const offset = /(?:Z|[+-]\d{2}:?\d{2})$/u.exec(reference)?.[0] ?? "Z";
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/u.exec(offset) ?? [];
  const offsetMs = sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(epochMs(instant) + offsetMs).toISOString().replace("Z", offset);
}
