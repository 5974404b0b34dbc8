import { mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";

import { beforeAll, describe, expect, test } from "vitest";

import { type MemberWanted, zipFile } from "../evaluators/inspect/zip-files.ts";
import { listing } from "../support/listing.ts";
import { openWorkplace } from "../support/workplace.ts";
import { writeHostileExperiment } from "./hostile-experiment.ts";
import { dangersIn, hostile } from "./texts.ts";

const MiB = 2 ** 20;
const header = (status = "success"): string => `{"version": 2, "status": "${status}", "eval": {"task": "cap", "model": "m", "created": "2026-11-21T10:00:00+00:00", "dataset": {"samples": 1}, "config": {}}, "results": {"total_samples": 1, "completed_samples": 1, "scores": [{"name": "match", "scorer": "match", "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}}}]}, "stats": {}}`;
const headed = (...members: readonly MemberWanted[]): Buffer => zipFile([{ name: "header.json", text: header() }, ...members]);

/** A member whose text is a few bytes, then a piece over and over, packed to a thousandth. */
function packed(name: string, begin: string, piece: string, end: string, bytes: number): MemberWanted {
  const data = Buffer.from(begin + piece.repeat(Math.floor((bytes - begin.length - end.length) / piece.length)) + end);
  return { name, method: 8, packed: deflateRawSync(data), crc32: crc32(data), bytes: data.length };
}

const small = packed("x", "[", " ", "]", MiB);
const sample = { ...packed("x", '{"target": "1", "output": {"completion": "', " ", '1"}}', MiB), bytes: 250 * MiB };
const binary: MemberWanted = { name: "summaries.json", text: '[{"id": 1, "epoch": 1, "target": "1"}]' };

/** A log, by its run, and what is said of it; nothing where it is a log like any other. */
const logs: Readonly<Record<string, { readonly content: () => Buffer | string; readonly says?: RegExp; readonly sparseTo?: number }>> = {
  "header of 2 GB": { content: () => zipFile([{ ...small, name: "header.json", bytes: 2 ** 31 }]), says: /a member too large to be read, header\.json/u },
  "header of more than it says": { content: () => zipFile([{ ...packed("header.json", "{", " ", "}", 60 * MiB), bytes: 1000 }]), says: /a damaged member, header\.json/u },
  "header of spaces": { content: () => zipFile([packed("header.json", "{", " ", "}", 60 * MiB)]), says: /its status is not as it should be/u },
  "header of lists": { content: () => zipFile([packed("header.json", '{"a": [', "[],", "0]}", 60 * MiB)]), says: /a header that is no JSON/u },
  "header of lists in lists": { content: () => zipFile([packed("header.json", '{"a": ', "[", "", 60 * MiB)]), says: /a header that is no JSON/u },
  "summaries in parts": { content: () => headed(...Array.from({ length: 20 }, (_none, index) => ({ ...small, name: `_journal/summaries/${index + 1}.json`, bytes: 250 * MiB }))), says: /summaries too large to be read/u },
  "summaries of maps": { content: () => headed(packed("summaries.json", "[", "{},", "0]", 60 * MiB)), says: /summaries that cannot be parsed/u },
  "samples": { content: () => headed(binary, ...Array.from({ length: 100 }, (_none, index) => ({ ...sample, name: `samples/${index + 1}_epoch_1.json` }))), says: /samples that unpack to more than any log's/u },
  "method": { content: () => zipFile([{ name: "header.json", text: header(), method: 99 }]), says: /packed by an unknown method, header\.json \(expected 0, 8 or 93, found 99\)/u },
  "names": { content: () => headed(...["../../x", "/abs", "C:\\x", "..\\x", "samples/../../../x_epoch_1.json", hostile, "", "x".repeat(60_000)].map((name) => ({ name, text: "{}" }))) },
  "names twice": { content: () => zipFile([{ name: "header.json", text: header("error") }, { name: "header.json", text: header() }, { name: "header.json", text: header("cancelled") }, { name: "header.json", text: header() }]) },
  "hostile member": { content: () => zipFile([{ name: "header.json", text: header() }, { ...binary, localName: hostile }]), says: /a directory that points to something else than summaries\.json/u },
  "sparse": { content: () => '{"eval": "', sparseTo: 500 * MiB, says: /a part too large to be read/u },
  "fields": { content: () => `{"a": [${"{},".repeat(25 * MiB)}`, says: /a part too large to be read/u },
};

describe("of evaluation logs that were made to do harm", () => {
  const place = openWorkplace();
  const experiment = join(place.folder, "exp");
  const peak = join(place.folder, "peak");
  let out: string;
  let before: Readonly<Record<string, string>>;

  beforeAll(async () => {
    writeHostileExperiment(experiment, { runs: Object.keys(logs) });
    for (const [run, { content, sparseTo }] of Object.entries(logs)) {
      const bytes = content();
      const file = join(experiment, run, "eval/cap_epoch0/logs", `2026-11-21T10-00-00-00-00_cap_x.${typeof bytes === "string" ? "json" : "eval"}`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      if (sparseTo !== undefined) truncateSync(file, sparseTo);
      // One that was changed within the last minute might still be on its way.
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    }
    // What nightshift keeps outside comes into being as soon as it looks.
    mkdirSync(place.stateHome);
    writeFileSync(peak, "");
    before = everythingBut();
    const ended = await place.nightshift(["status", experiment, "--json"], { env: { NODE_OPTIONS: `--require ${join(import.meta.dirname, "peak-memory.cjs")}`, PEAK_MEMORY: peak } });
    expect(ended).toMatchObject({ code: 0, err: "" });
    out = ended.out;
  }, 120_000);

  const everythingBut = (): Readonly<Record<string, string>> => listing(place.folder, /sparse|^peak$|^state/u);
  const problemsOf = (run: string): readonly string[] => {
    const { experiments } = JSON.parse(out) as { experiments: { problems: { message: string; file?: string; expected?: string; found?: string }[] }[] };
    return (experiments[0]?.problems ?? []).filter(({ file }) => file?.includes(`/${run}/eval/`) === true).map(({ message, expected, found }) => `${message}${expected === undefined ? "" : ` (expected ${expected}${found === undefined ? "" : `, found ${found}`})`}`);
  };

  test.each(Object.entries(logs).flatMap(([run, { says }]) => (says === undefined ? [] : [[run, says] as const])))("the one with %s is told", (run, says) => {
    expect(problemsOf(run)).toEqual([expect.stringMatching(says) as string]);
  });
  test.each(Object.entries(logs).filter(([, { says }]) => says === undefined))("the one with odd %s is read like any other", (run) => {
    const { experiments } = JSON.parse(out) as { experiments: { evaluations: { run: string; status: string; result?: { accuracy: number } }[] }[] };
    expect(experiments[0]?.evaluations.find((evaluation) => evaluation.run === run)).toMatchObject({ status: "COMPLETED", result: { accuracy: 0.5 } });
    expect(problemsOf(run)).toEqual([]);
  });
  test("none fills the memory", () => expect(Number(readFileSync(peak, "utf8")) / 1024).toBeLessThan(1000));
  test("nothing of them is unpacked anywhere", () => expect(everythingBut()).toEqual(before));
  test("nothing of them reaches a terminal", () => expect(dangersIn(out)).toEqual([]));
});
