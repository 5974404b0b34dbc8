import type { JobRecord, SubmitAnswer } from "../domain/job.ts";
import type { Instant } from "../domain/time.ts";

/** The small texts of one job folder, as far as they are there. */
export interface RecordTexts {
  readonly key: string;
  readonly isSpawned: boolean;
  readonly answer?: string;
  readonly claim?: string;
  readonly intent?: string;
  /** Ids of jobs that began and asked for the claim. */
  readonly claimants: readonly string[];
  /** By job id. */
  readonly starts: ReadonlyMap<string, string>;
  readonly exits: ReadonlyMap<string, string>;
}

/** What one job wrote about its latest attempt. */
export interface JobNotes {
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly exitCode?: number;
  readonly node?: string;
}

/** Parses the records of one job folder. What is missing, torn or foreign is left out; nothing is guessed. */
export function parseRecord(texts: RecordTexts): JobRecord {
  const answer = parseAnswer(texts.answer);
  const claimedBy = parseId(texts.claim);
  const accepted = answer?.kind === "accepted" ? [answer.id] : [];
  const ids = [...new Set([...accepted, ...(claimedBy === undefined ? [] : [claimedBy]), ...texts.claimants.toSorted(byNumber)])];
  const worker = claimedBy ?? accepted[0];
  return {
    key: texts.key,
    ids,
    spawned: texts.isSpawned,
    ...(answer === undefined ? {} : { answer }),
    ...(claimedBy === undefined ? {} : { claimedBy }),
    ...(parseIsClaiming(texts.intent) ? { isClaiming: true } : {}),
    ...(worker === undefined ? {} : parseNotes(texts.starts.get(worker), texts.exits.get(worker))),
  };
}

/**
 * Parses what a job noted of itself: lines `TIME HOST PID` at each start, `CODE TIME HOST PID END` at each exit.
 *
 * A requeued job has several starts, and the processes of an earlier one may live on for a while: only an exit that
 * repeats the last start's line ends the job.
 */
export function parseNotes(startText: string | undefined, exitText: string | undefined): JobNotes {
  const start = wholeLines(startText).at(-1);
  if (start === undefined) return {};
  const [startedAt, node] = start.split(" ");
  const exit = wholeLines(exitText).map((line) => parseExit(line, start)).findLast((found) => found !== undefined);
  return { ...instant("startedAt", startedAt), ...(node === undefined || node === "" ? {} : { node }), ...exit };
}

/** Parses `answer.json`. */
export function parseAnswer(text: string | undefined): SubmitAnswer | undefined {
  const answer = parseJson(text);
  if (typeof answer !== "object" || answer === null) return undefined;
  const { kind, id, reason, by, isForAll } = answer as Record<string, unknown>;
  if (kind === "accepted") return typeof id === "string" ? { kind, id } : undefined;
  if (kind === "withdrawn") return typeof by === "string" ? { kind, by } : undefined;
  if (typeof reason !== "string") return undefined;
  if (kind === "postponed") return { kind, reason, ...(isForAll === true ? { isForAll } : {}) };
  return kind === "refused" || kind === "unclear" ? { kind, reason } : undefined;
}

/** Parses from `answer.json` how often a submission of which nobody knows what came of it has been made. */
export function parseTries(text: string | undefined): number {
  const answer = parseJson(text);
  const tries = typeof answer === "object" && answer !== null && "tries" in answer ? answer.tries : undefined;
  return typeof tries === "number" && Number.isInteger(tries) && tries > 0 ? tries : 0;
}

function parseIsClaiming(text: string | undefined): boolean {
  const intent = parseJson(text);
  return typeof intent === "object" && intent !== null && "isClaiming" in intent && intent.isClaiming === true;
}

function parseExit(line: string, start: string): Pick<JobNotes, "endedAt" | "exitCode"> | undefined {
  const match = /^(?<code>\d{1,3}) (?<rest>.*)$/u.exec(line);
  const { code, rest } = match?.groups ?? {};
  if (code === undefined || rest === undefined || !rest.startsWith(`${start} `)) return undefined;
  return { exitCode: Number(code), ...instant("endedAt", rest.slice(start.length + 1)) };
}

// `date` prints the offset as +0100; it prints nothing where the script's PATH has no `date` any more.
function instant<Name extends string>(name: Name, text = ""): Partial<Record<Name, Instant>> {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-]\d\d):?(\d\d)$/u.exec(text);
  return match === null ? {} : { [name]: `${match[1]}${match[2]}:${match[3]}` } as Record<Name, Instant>;
}

function wholeLines(text = ""): readonly string[] {
  return text.split("\n").slice(0, -1).filter((line) => line !== "");
}

function parseId(text = ""): string | undefined {
  const id = text.trim();
  return /^[1-9]\d*$/u.test(id) ? id : undefined;
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}
