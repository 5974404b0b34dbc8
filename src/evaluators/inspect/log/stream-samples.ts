import * as z from "zod";

import { Damage } from "../damage.ts";
import { openFile } from "../files/open-file.ts";
import { parsePart } from "./parse-samples.ts";
import { readSampleText } from "./read-sample.ts";
import { summaryMembers } from "./read-eval-log.ts";
import { splitJsonLog } from "../files/split-json-log.ts";
import { readRange, streamMember } from "../files/stream-member.ts";
import { openZip, type ZipFile } from "../files/zip-file.ts";

/** One sample in one epoch, as a table has it. */
export interface SampleRow {
  readonly id: string | number;
  readonly epoch: number;
  readonly input: string;
  readonly target: string;
  /** What the first scorer took for the answer. */
  readonly answer: string;
  readonly error: string;
  /** By scorer, or by scorer and name where it gives several values: `several_length`; `several/length` where another scorer is called so. */
  readonly scores: Readonly<Record<string, unknown>>;
}

/** The samples of a log, however many there are. */
export interface LogSamples {
  readonly count: number;
  /** How many entries are left out, because their id is no text and no number. */
  readonly leftOut: number;
  /** Names of all scores, in the order of their first samples. */
  readonly scores: readonly string[];
  /** Each sample and epoch once, as it was written last. */
  rows(): AsyncGenerator<SampleRow>;
  /** How many of the rows handed out have the shortened texts of a summary, because the sample itself cannot be read. */
  shortened(): number;
  close(): void;
}

/**
 * Opens the samples of a log.
 *
 * Reads their summaries twice: first to know that the checksums are right, which names there are and which version of a
 * sample is the last, then to hand them out one by one, each with the texts of the sample itself. Summaries shorten long
 * texts, and make one space of all white space in an answer. Throws Damage.
 */
export async function openSamples(path: string): Promise<LogSamples> {
  const file = openFile(path);
  try {
    const zip = path.endsWith(".json") ? undefined : await openZip(file);
    const sources = zip === undefined ? [() => readRange(file.readAt, 0, file.bytes)] : summariesOf(zip);
    const last = new Map<string, number>();
    const scores = new Map<string, Set<string>>();
    let number = 0;
    let shortened = 0;
    let leftOut = 0;
    for await (const row of readRows(sources, () => { leftOut += 1; })) {
      last.set(keyOf(row), number);
      number += 1;
      for (const score of row.scores) scores.set(shortNameOf(score), (scores.get(shortNameOf(score)) ?? new Set()).add(nameOf(score)));
    }
    // Short where no other is called so.
    const columnOf = (score: GivenValue): string => (scores.get(shortNameOf(score))?.size === 1 ? shortNameOf(score) : nameOf(score));
    return {
      count: last.size,
      leftOut,
      scores: [...scores].flatMap(([short, names]) => (names.size === 1 ? [short] : [...names])),
      rows: async function* rows() {
        let at = 0;
        for await (const row of readRows(sources)) {
          const isLast = last.get(keyOf(row)) === at;
          at += 1;
          if (!isLast) continue;
          const whole = zip === undefined ? row : await readWhole(zip, row);
          if (whole === undefined) shortened += 1;
          // The summary's scores are those whose names are known.
          yield { ...(whole ?? row), scores: Object.fromEntries(row.scores.map((score) => [columnOf(score), score.value])) };
        }
      },
      shortened: () => shortened,
      close: () => { file.close(); },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

type Source = () => AsyncIterable<Buffer>;

// A list of summaries is read like the samples of a `.json` log, which is an object with such a list in it.
function summariesOf({ members, readAt }: ZipFile): readonly Source[] {
  return summaryMembers(members).map((member) => async function* listed() {
    yield Buffer.from('{"samples":');
    yield* streamMember(readAt, member);
    yield Buffer.from("}");
  });
}

/** A row before it is known what its columns are called. */
interface GivenRow extends Omit<SampleRow, "scores"> {
  readonly scores: readonly GivenValue[];
}

/** What a scorer gave: one of several values where it has a name. */
interface GivenValue {
  readonly scorer: string;
  readonly name: string | undefined;
  readonly value: unknown;
}

function shortNameOf({ scorer, name }: GivenValue): string {
  return name === undefined ? scorer : `${scorer}_${name}`;
}

function nameOf({ scorer, name }: GivenValue): string {
  return name === undefined ? scorer : `${scorer}/${name}`;
}

async function* readRows(sources: readonly Source[], leaveOut: () => void = () => {}): AsyncGenerator<GivenRow> {
  for (const source of sources) {
    for await (const { kind, text } of splitJsonLog(source(), maxSampleBytes)) {
      if (kind !== "sample") continue;
      const row = parseRow(text);
      if (row === undefined) leaveOut();
      else yield row;
    }
  }
}

const maxSampleBytes = 64 * 2 ** 20;

async function readWhole(zip: ZipFile, row: GivenRow): Promise<GivenRow | undefined> {
  try {
    const text = await readSampleText(zip, row, maxSampleBytes);
    const sample = text === undefined ? undefined : parseRow(text);
    return sample === undefined || keyOf(sample) !== keyOf(row) ? undefined : sample;
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

function keyOf({ id, epoch }: GivenRow): string {
  return JSON.stringify([id, epoch]);
}

function parseRow(text: string): GivenRow | undefined {
  const { success, data: sample } = rowSchema.safeParse(parsePart(text, "a sample"));
  if (!success) return undefined;
  const { id, epoch, input, target, error, scores } = sample;
  return {
    id, epoch, input: textOf(input), target: textOf(target), answer: Object.values(scores)[0]?.answer ?? "", error: typeof error === "string" ? error : error?.message ?? "",
    scores: Object.entries(scores).flatMap(([scorer, { value }]) => valuesOf(scorer, value)),
  };
}

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]),
  epoch: z.number().catch(1),
  input: z.unknown().optional(),
  target: z.unknown().optional(),
  error: z.union([z.string(), z.object({ message: z.string() })]).optional().catch(undefined),
  scores: z.record(z.string(), z.object({ value: z.unknown().optional(), answer: z.string().optional().catch(undefined) })).catch({}),
});

function valuesOf(scorer: string, value: unknown): readonly GivenValue[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [{ scorer, name: undefined, value: value ?? Number.NaN }];
  return Object.entries(value).map(([name, one]) => ({ scorer, name, value: one as unknown }));
}

// An input is a text, or messages whose contents are texts or lists of parts; a target is one text or several.
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).filter((text) => text !== "").join("\n");
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return "";
  if ("content" in value) return textOf(value.content);
  return "text" in value ? textOf(value.text) : "";
}
