import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

import { describeLogAt } from "../../src/evaluators/inspect/describe-log.ts";

// Reads logs that were cut off at every byte, or in which bits were flipped, and counts what became of each:
//     node mutations-program.mjs prefixes|flips COUNT LOG...
// A process of its own, whose memory is measured, and which can be killed.
const [, , kind = "", count = "", ...logs] = process.argv;
const folder = mkdtempSync(join(tmpdir(), "nightshift-mutations-"));
const counts = { refused: 0, same: 0, told: 0 };
const wrong: string[] = [];
try {
  for (const log of logs) await (kind === "prefixes" ? readPrefixes(log) : readFlipped(log, Math.ceil(Number(count) / logs.length)));
} finally {
  rmSync(folder, { recursive: true });
}
process.stdout.write(`${JSON.stringify({ ...counts, wrong, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`);

async function readPrefixes(log: string): Promise<void> {
  const whole = readFileSync(log);
  const path = join(folder, `prefix${extname(log)}`);
  writeFileSync(path, whole);
  const original = await numbersOf(path);
  const file = openSync(path, "r+");
  for (let length = whole.length - 1; length >= 0; length -= 1) {
    ftruncateSync(file, length);
    const said = await numbersOf(path);
    if (said.kind === "refused") counts.refused += 1;
    else if (said.numbers === original.numbers) counts.same += 1;
    else wrong.push(`${log} cut at ${length}: ${said.numbers}`);
  }
  closeSync(file);
}

async function readFlipped(log: string, times: number): Promise<void> {
  const whole = readFileSync(log);
  const path = join(folder, `flipped${extname(log)}`);
  writeFileSync(path, whole);
  const original = await numbersOf(path);
  const file = openSync(path, "r+");
  const next = numbersFrom(whole.length);
  for (let time = 0; time < times; time += 1) {
    const flipped = Buffer.from(whole);
    const bits = Array.from({ length: 1 + (next() % 3) }, () => next() % (whole.length * 8));
    for (const bit of bits) flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeSync(file, flipped, 0, flipped.length, 0);
    const said = await numbersOf(path);
    if (said.kind === "refused") counts.refused += 1;
    else if (said.numbers === original.numbers) counts.same += 1;
    else if (said.kind === "told") counts.told += 1;
    else wrong.push(`${log} with the bits ${bits.join(", ")} flipped: ${said.numbers}`);
  }
  closeSync(file);
}

/** What a log says that anybody could act upon. `told`: it says as well that something is wrong with it. */
async function numbersOf(path: string): Promise<{ readonly kind: "refused" | "told" | "plain"; readonly numbers?: string }> {
  const log = await describeLogAt(path);
  if (log.status === "error") return log.message.length > 10 ? { kind: "refused" } : { kind: "plain", numbers: `refused without a reason: ${log.message}` };
  const { accuracy, metrics, log_status: status, samples, total_samples: total, completed_samples: completed, task, model, binary, warnings } = log;
  return { kind: warnings.length > 0 ? "told" : "plain", numbers: JSON.stringify([accuracy, metrics, status, samples, total, completed, task, model, { ...binary, path: "" }]) };
}

// Marsaglia's xorshift: the same flips every time.
function numbersFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
