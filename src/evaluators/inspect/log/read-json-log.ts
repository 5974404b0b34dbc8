import { binaryMetrics } from "../../../statistics/binary-metrics.ts";
import { Damage } from "../damage.ts";
import { countSamples, doubts, isBinary, isBinaryTarget, justHeader, keptAnswer, type LogContents, recomputed, saysAll } from "./log-contents.ts";
import type { LogHeader } from "./log-header.ts";
import type { OpenFile } from "../files/open-file.ts";
import { parseHeader } from "./parse-header.ts";
import { parseSample, type SampleAnswer } from "./parse-samples.ts";
import { splitJsonLog } from "../files/split-json-log.ts";
import { readRange } from "../files/stream-member.ts";

/**
 * Reads a `.json` log, the format before `.eval`, still written on request and by other programs.
 *
 * Reads no further than the first sample where the header tells everything and the task is no binary one. Throws
 * Damage.
 */
export async function readJsonLog({ bytes, readAt }: Pick<OpenFile, "bytes" | "readAt">): Promise<LogContents> {
  const samples: SampleAnswer[] = [];
  let head: LogHeader | undefined;
  for await (const { kind, text } of splitJsonLog(readRange(readAt, 0, bytes), maxPieceBytes)) {
    switch (kind) {
      case "head":
        head = parseHead(text);
        break;
      case "sample": {
        const sample = parseSample(text);
        if (head !== undefined && saysAll(head) && !isBinaryTarget(sample.target)) return justHeader(head);
        if (samples.length === mostSamples) throw new Damage("has more samples than can be read", { expected: `at most ${mostSamples}` });
        samples.push(keptAnswer(sample));
        break;
      }
      case "fields": return withSamples(parseHeader(text), samples);
    }
  }
  throw new Damage("is no evaluation log");
}

// All but the samples, and each sample: a few MB where there are pictures in them. A piece is in memory four times over
// until it is parsed.
const maxPieceBytes = 64 * 2 ** 20;

// Five times as many as the largest data sets have.
const mostSamples = 1_000_000;

// Other programs may write what is needed behind the samples.
function parseHead(text: string): LogHeader | undefined {
  try {
    return parseHeader(text);
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

function withSamples(header: LogHeader, samples: readonly SampleAnswer[]): LogContents {
  const binary = header.status !== "started" && isBinary(samples) ? binaryMetrics(samples) : undefined;
  // A header that stands alone was written without samples, not before them.
  return { header, samples: samples.length === 0 && saysAll(header) ? undefined : countSamples(samples), binary, recomputed: recomputed(header, samples), warnings: doubts(header, samples) };
}
