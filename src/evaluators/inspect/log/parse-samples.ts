import * as z from "zod";
import { Damage } from "../damage.ts";
import { parseJson } from "./parse-json.ts";
import type { GivenScore, ScoredSample } from "./recompute-scores.ts";

/** What is needed of one sample's summary. */
export interface SampleSummary extends ScoredSample {
  /** Only a string can be a target of a binary task; lists are several right answers. */
  readonly target: unknown;
  /** Message of the error that ended the sample. */
  readonly error: string | undefined;
}

/**
 * Parses summaries of samples: the texts of `summaries.json`, or of all `_journal/summaries/N.json` in order.
 *
 * One summary for each sample and epoch: after a retry or a rescoring there are several, and the last one counts.
 * Throws Damage.
 */
export function parseSummaries(texts: readonly string[]): readonly SampleSummary[] {
  const bySample = new Map<string, SampleSummary>();
  for (const summary of texts.flatMap(parseList)) {
    const { success, data } = summarySchema.safeParse(summary);
    // Ids 1 and "1" are two samples.
    if (success) bySample.set(JSON.stringify([data.id, data.epoch]), { id: data.id, target: data.target, error: data.error, metadata: data.metadata, scores: scoresIn(data.scores) });
  }
  return [...bySample.values()];
}

function parseList(text: string): readonly unknown[] {
  const parsed = parsePart(text, "summaries");
  if (!Array.isArray(parsed)) throw new Damage("has summaries that are no list");
  return parsed;
}

const scoreFields = { metadata: z.record(z.string(), z.unknown()).catch({}), scores: z.record(z.string(), z.unknown()).catch({}) };

const summarySchema = z.object({
  ...scoreFields,
  id: z.union([z.string(), z.number()]),
  epoch: z.number().catch(1),
  target: z.unknown().optional(),
  error: z.string().optional().catch(undefined),
});

/** A sample in full, as far as its answer goes. */
export interface SampleAnswer extends SampleSummary {
  /** What the model said, stripped of white space: the completion, else the last message of the assistant, else "". */
  readonly prediction: string;
}

/** Parses one `samples/*.json`, or one of the samples of a `.json` log. Throws Damage. */
export function parseSample(text: string): SampleAnswer {
  const { success, data: sample } = sampleSchema.safeParse(parsePart(text, "a sample"));
  if (!success) throw new Damage("has a sample that is none");
  const { completion, choices } = sample.output;
  const lastMessage = sample.messages.findLast(({ role }) => role === "assistant");
  // Older versions stored no completion; inspect-ai then takes the first choice, as here.
  const answer = [completion, choices[0]?.message.content, lastMessage?.content].map(textOf).find((said) => said !== "");
  return { id: sample.id, target: sample.target, error: sample.error?.message, prediction: strip(answer ?? ""), metadata: sample.metadata, scores: scoresIn(sample.scores) };
}

/** Parses the target of a sample alone, in a third of the time. Throws Damage. */
export function parseTarget(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly target?: unknown } | null)?.target;
  } catch {
    return parseSample(text).target;
  }
}

/** The values of scores, each `{value, answer, explanation, ...}`. Versions 0.3.43 to 0.3.47 wrote NaN as null. */
function scoresIn(scores: Readonly<Record<string, unknown>>): ReadonlyMap<string, GivenScore> {
  return new Map(Object.entries(scores).flatMap(([scorer, score]) => {
    const { success, data } = scoreSchema.safeParse(score);
    return success ? [[scorer, { value: data.value ?? Number.NaN, metadata: data.metadata }]] : [];
  }));
}

const leaf = z.union([z.string(), z.custom<number>((value) => typeof value === "number"), z.boolean(), z.null()]);
const scoreSchema = z.object({ metadata: z.record(z.string(), z.unknown()).catch({}), value: z.union([leaf, z.array(leaf), z.record(z.string(), leaf)]) });

const message = z.object({ role: z.string().catch(""), content: z.unknown().optional() });

const sampleSchema = z.object({
  ...scoreFields,
  id: z.union([z.string(), z.number()]).catch(""),
  target: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional().catch(undefined),
  output: z.object({
    completion: z.string().catch(""),
    choices: z.array(z.object({ message })).catch([]),
  }).catch({ completion: "", choices: [] }),
  messages: z.array(message).catch([]),
});

/** The text of a message's content, which is a string or a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.flatMap((part: unknown) => {
    const { success, data } = textPart.safeParse(part);
    return success ? [data.text] : [];
  }).join("\n");
}

const textPart = z.object({ type: z.literal("text"), text: z.string() });

function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isPythonSpace(text.charAt(start))) start += 1;
  while (end > start && isPythonSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

// Unlike JavaScript, Python counts the separators U+001C to U+001F and U+0085 among white space, and not U+FEFF.
function isPythonSpace(character: string): boolean {
  return character !== "\ufeff" && /[\s\x1c-\x1f\x85]/u.test(character);
}

/** Parses a part of a log. Throws Damage, which says what part it is of. */
export function parsePart(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new Damage(`has ${what} that cannot be parsed`, { cause });
  }
}
