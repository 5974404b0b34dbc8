import type { FileHandle } from "node:fs/promises";
import { binaryMetrics } from "../../statistics/binary-metrics.ts";
import { Damage } from "./damage.ts";
import { countSamples, isBinary, isBinaryTarget, isFinished, type LogContents } from "./log-contents.ts";
import type { LogHeader } from "./log-header.ts";
import { parseHeader } from "./parse-header.ts";
import { parseSample, type SampleAnswer } from "./parse-samples.ts";
import { splitJsonLog } from "./split-json-log.ts";
import { maxMemberBytes } from "./zip-member.ts";

/**
 * Reads a `.json` log, the format before `.eval`, still written on request and by other programs.
 *
 * Reads no further than the first sample where the header tells everything and the task is no binary one. Throws
 * Damage.
 */
export async function readJsonLog(file: FileHandle): Promise<LogContents> {
  const samples: SampleAnswer[] = [];
  let head: LogHeader | undefined;
  for await (const { kind, text } of splitJsonLog(file.createReadStream({ start: 0, autoClose: false }), maxMemberBytes)) {
    switch (kind) {
      case "head":
        head = parseHead(text);
        break;
      case "sample": {
        const sample = parseSample(text);
        if (head !== undefined && isFinished(head) && !isBinaryTarget(sample.target)) return justHeader(head);
        samples.push(sample);
        break;
      }
      case "fields": return withSamples(parseHeader(text), samples);
    }
  }
  throw new Damage("is no evaluation log");
}

// Other programs may write what is needed behind the samples.
function parseHead(text: string): LogHeader | undefined {
  try {
    return parseHeader(text);
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

function justHeader(header: LogHeader): LogContents {
  return { header, samples: undefined, binary: undefined, warnings: [] };
}

function withSamples(header: LogHeader, samples: readonly SampleAnswer[]): LogContents {
  const binary = header.status !== "started" && isBinary(samples) ? binaryMetrics(samples) : undefined;
  // A header that stands alone was written without samples, not before them.
  return { header, samples: samples.length === 0 && isFinished(header) ? undefined : countSamples(samples), binary, warnings: [] };
}
