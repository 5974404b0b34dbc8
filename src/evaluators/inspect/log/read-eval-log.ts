import type { BinaryMetrics } from "../../../domain/evaluator.ts";
import { binaryMetrics } from "../../../statistics/binary-metrics.ts";
import { Damage } from "../damage.ts";
import { countSamples, doubts, isBinary, isBinaryTarget, justHeader, keptAnswer, type LogContents, recomputed, saysAll } from "./log-contents.ts";
import type { LogHeader } from "./log-header.ts";
import type { OpenFile } from "../files/open-file.ts";
import { parseHeader, parseStart } from "./parse-header.ts";
import { parseSample, parseSummaries, parseTarget, type SampleSummary } from "./parse-samples.ts";
import type { ZipMember } from "../files/zip-directory.ts";
import { openZip } from "../files/zip-file.ts";
import { maxMemberBytes, readZipMember } from "../files/zip-member.ts";

/**
 * Reads an `.eval` log: its header, and its samples' summaries where the header does not say all.
 *
 * Samples themselves are inflated only for binary tasks, one after the other, because no summary holds what the model
 * said; of other tasks the smallest one, to know that they are none. Throws Damage.
 */
export async function readEvalLog(file: Pick<OpenFile, "bytes" | "readAt">): Promise<LogContents> {
  const { members, readAt } = await openZip(file);
  const log: OpenLog = { members, samples: sampleMembers(members), fileBytes: file.bytes, readText: async (member, limitBytes) => (await readZipMember(readAt, member, limitBytes)).toString("utf8") };
  const header = await readHeader(log);
  const warnings = sampleLoss(header, log);
  try {
    if (saysAll(header) && await hasNoBinaryMetrics(log)) return justHeader(header, warnings);
    const summaries = await readSummaries(log);
    const binary = header.status !== "started" && isBinary(summaries) ? await readBinaryMetrics(log) : undefined;
    return { header, samples: countSamples(summaries), binary, recomputed: recomputed(header, summaries), warnings: [...warnings, ...doubts(header, summaries)] };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return justHeader(header, [...warnings, `${error.message}; what needs its samples is left out`]);
  }
}

interface OpenLog {
  readonly members: ReadonlyMap<string, ZipMember>;
  /** Those of them that hold one sample each. */
  readonly samples: readonly ZipMember[];
  readonly fileBytes: number;
  readonly readText: (member: ZipMember, limitBytes?: number) => Promise<string>;
}

// Every target of a binary task is 0 or 1: any one says whether it is none. What the model said is in samples only.
async function hasNoBinaryMetrics({ samples, readText }: OpenLog): Promise<boolean> {
  const smallest = samples.reduce<ZipMember | undefined>((best, member) => (best === undefined || member.bytes < best.bytes ? member : best), undefined);
  return smallest === undefined || !isBinaryTarget(parseTarget(await readText(smallest)));
}

async function readHeader({ members, readText }: OpenLog): Promise<LogHeader> {
  const header = members.get("header.json");
  if (header !== undefined) return parseHeader(await readText(header, maxHeaderBytes));
  // Both come into the file in one go with the header.
  if (members.has("summaries.json") || members.has("reductions.json")) throw new Damage("is finished but its directory knows no header");
  const start = members.get("_journal/start.json");
  if (start === undefined) throw new Damage("is a zip file but no evaluation log");
  const updates: string[] = [];
  for (const member of numberedMembers(members, "config_updates")) updates.push(await readText(member, maxHeaderBytes));
  return parseStart(await readText(start, maxHeaderBytes), updates);
}

// The ids of 200,000 samples take some 2 MB.
const maxHeaderBytes = 64 * 2 ** 20;

async function readSummaries({ members, readText }: OpenLog): Promise<readonly SampleSummary[]> {
  const parts = summaryMembers(members);
  if (bytesOf(parts) > maxMemberBytes) throw new Damage("has summaries too large to be read", { expected: `at most ${maxMemberBytes} bytes`, found: `${bytesOf(parts)}` });
  const texts: string[] = [];
  for (const part of parts) texts.push(await readText(part));
  return parseSummaries(texts);
}

/** The members that hold the samples' summaries: one, or those of the journal in their order. */
export function summaryMembers(members: ReadonlyMap<string, ZipMember>): readonly ZipMember[] {
  const whole = members.get("summaries.json");
  return whole === undefined ? numberedMembers(members, "summaries") : [whole];
}

function numberedMembers(members: ReadonlyMap<string, ZipMember>, journal: "summaries" | "config_updates"): readonly ZipMember[] {
  const folder = `_journal/${journal}/`;
  const numbered = [...members.values()].flatMap((member) => {
    const number = member.name.startsWith(folder) ? /^(\d+)\.json$/u.exec(member.name.slice(folder.length))?.[1] : undefined;
    return number === undefined ? [] : [{ number: Number(number), member }];
  });
  return numbered.sort((a, b) => a.number - b.number).map(({ member }) => member);
}

async function readBinaryMetrics({ samples, fileBytes, readText }: OpenLog): Promise<BinaryMetrics | undefined> {
  if (bytesOf(samples) > mostSampleBytes(fileBytes)) throw new Damage("has samples that unpack to more than any log's", { expected: `at most ${mostSampleBytes(fileBytes)} bytes`, found: `${bytesOf(samples)}` });
  const answers = [];
  for (const member of samples) {
    const { target, prediction } = keptAnswer(parseSample(await readText(member)));
    if (!isBinaryTarget(target)) return undefined;
    answers.push({ target, prediction });
  }
  return binaryMetrics(answers);
}

// The texts of samples are packed to a tenth, hardly ever to a hundredth; deflate could do a thousandth, and keep everybody
// else waiting for as long as that takes to unpack.
function mostSampleBytes(fileBytes: number): number {
  return Math.min(16 * 2 ** 30, Math.max(2 ** 30, 100 * fileBytes));
}

function bytesOf(members: readonly ZipMember[]): number {
  return members.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The members that hold one sample each. Ids are part of their names as they are, slashes, line breaks and all; the pieces of a
 * chunked sample lie below `..._epoch_N/`, where `sample.json` is the sample without its messages and events.
 */
function sampleMembers(members: ReadonlyMap<string, ZipMember>): readonly ZipMember[] {
  return [...members.values()].filter(({ name }) => /^samples\/.+_epoch_\d+(?:\/sample)?\.json$/su.test(name));
}

// A flipped bit in a name hides a sample without any other sign.
function sampleLoss({ results }: LogHeader, { samples }: OpenLog): readonly string[] {
  const found = samples.length;
  const wanted = results?.completedSamples ?? 0;
  return found > 0 && found < wanted ? [`has ${found} samples where its header counts ${wanted}`] : [];
}
