import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

import { describe, expect, test } from "vitest";

import type { LogHeader, LogScore } from "../../../../src/evaluators/inspect/log/log-header.ts";
import { parseHeader } from "../../../../src/evaluators/inspect/log/parse-header.ts";
import { parseSummaries, type SampleSummary } from "../../../../src/evaluators/inspect/log/parse-samples.ts";
import { recomputeScores, type ScoredSample } from "../../../../src/evaluators/inspect/log/recompute-scores.ts";
import { openZip } from "../../../../src/evaluators/inspect/files/zip-file.ts";
import { openFile } from "../../../../src/evaluators/inspect/files/open-file.ts";
import { logFolder } from "../inspect-answers.ts";
import { readZipMember } from "../../../../src/evaluators/inspect/files/zip-member.ts";
import type { MetricSpec } from "../../../../src/statistics/score-metrics.ts";
import type { ScoreValue } from "../../../../src/statistics/score-value.ts";

const root = join(import.meta.dirname, "../../../..");

describe("what the samples of a log come to is what inspect-ai stored in it:", () => {
  const folders = [logFolder, join(root, "../shared/data/eval-logs"), join(root, "../shared/data/torchtune-real")].filter(existsSync);
  const logs = folders.flatMap((folder) => (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".eval")).map((name) => join(folder, name)));

  test.each(logs.map((path) => relative(root, path)))("%s", async (name) => {
    const log = await readStored(join(root, name));
    // Samples that were changed since, and nobody computed anew; or summaries that keep no scores.
    if (log === undefined || log.header.invalidated || log.samples.every(({ scores }) => scores.size === 0)) return;
    const { header, samples } = log;
    const ours = recomputeScores(header, samples);
    const stored = header.results?.scores ?? [];
    const known = ours.flatMap(linesOf);
    const wanted = stored.flatMap(linesOf);
    for (const [line, value] of known) {
      const match = wanted.find(([other]) => other === line);
      // Versions before 0.3.113 let one NaN make all NaN.
      const isOldNaN = header.version === "0.3.60" && Number.isNaN(match?.[1]);
      if (match !== undefined && !isOldNaN) expect([line, value]).toEqual([line, closeTo(match[1])]);
    }
    const computable = /^(?:accuracy|mean|std|var|stderr)\d*$/u;
    // By 0.3.206, scoring a log again left the new scorers out of its header.
    const named = wanted.filter(([line]) => header.scorers.some(({ name }) => line.startsWith(name)));
    const missed = named.filter(([line]) => computable.test(line.split(" ").at(-1) ?? "") && !known.some(([other]) => other === line));
    expect(missed).toEqual([]);
  });
});

// The numbers of the first two are inspect-ai 0.3.285's.
describe("metrics of their own", () => {
  const of = (values: readonly ScoreValue[], ids: readonly (string | number)[] = values.map((_value, index) => index)): readonly ScoredSample[] =>
    values.map((value, index) => ({ id: ids[index] ?? index, metadata: { g: index < 2 ? "a" : true }, scores: new Map([["s1", { value, metadata: {} }]]) }));
  const spec = (...metrics: readonly MetricSpec[]): Pick<LogHeader, "scorers" | "reducers"> => ({ scorers: [{ name: "s1", groups: [{ metrics }] }], reducers: [undefined] });

  test("groups come in the order of their first samples, and the second of a name has a number", () => {
    const grouped = { name: "inspect_ai/grouped", options: { metric: { type: "metric", name: "mean", params: {} }, group_key: "g" } };
    const [score] = recomputeScores(spec(grouped, { ...grouped, options: { ...grouped.options, all: "groups" } }), of([1, 2, 0, 1, 2, 0]));
    expect([...score?.metrics ?? []]).toEqual([["a", 1.5], ["True", 0.75], ["all", 1], ["a2", 1.5], ["True2", 0.75], ["all2", 1.125]]);
  });

  test("groups are called what Python calls them, whatever stands in their names, and the second `1` beside a `15` is `16`", () => {
    const grouped = (options: MetricSpec["options"]): MetricSpec => ({ name: "grouped", options: { metric: { name: "mean" }, group_key: "g", all: false, ...options } });
    const keysOf = (groups: readonly unknown[], ...metrics: readonly MetricSpec[]): readonly string[] => {
      const samples = of(groups.map(() => 1)).map((sample, at) => ({ ...sample, metadata: { g: groups[at] } }));
      return [...recomputeScores(spec(...metrics), samples)[0]?.metrics.keys() ?? []];
    };
    expect(keysOf(["$&", "$$", 0.00001, 0.5], grouped({ name_template: "<{group_name}>" }))).toEqual(["<$&>", "<$$>", "<1e-05>", "<0.5>"]);
    expect(keysOf([1, 15], grouped({}), grouped({}))).toEqual(["1", "15", "16", "152"]);
    expect(keysOf([1], grouped({ name_template: "{group_name:>5}" }))).toEqual([]);
  });

  test("an interval has two ends; clusters count for its standard error", () => {
    const [score] = recomputeScores(spec({ name: "inspect_ai/ci", options: {} }, { name: "inspect_ai/stderr", options: { cluster: "g" } }), of([1, 2, 0, 1, 2, 0]));
    expect([...score?.metrics ?? []]).toEqual([["lower", closeTo(0.061356228472636)], ["upper", closeTo(1.9386437715273641)], ["stderr", closeTo(0.3333333333333333)]]);
  });

  test("values by name have metrics by pattern, each once", () => {
    const metrics = [{ keys: "a", metrics: [{ name: "inspect_ai/mean", options: {} }] }, { keys: "*", metrics: [{ name: "inspect_ai/mean", options: {} }, { name: "inspect_ai/ci", options: {} }] }];
    const scores = recomputeScores({ scorers: [{ name: "s1", groups: [{ metrics: [] }, { byKey: metrics }] }], reducers: [undefined] }, of([{ a: 1, b: 0.5 }, Number.NaN, { a: 0, b: 0.5 }]));
    expect(scores.map(({ name, samples, metrics: values }) => [name, samples, [...values.keys()]])).toEqual([["s1", 3, []], ["a", 3, ["mean", "ci_lower", "ci_upper"]], ["b", 3, ["mean", "ci_lower", "ci_upper"]]]);
  });

  test("epochs are reduced by sample first, ids 1 and \"1\" being one", () => {
    const scores = recomputeScores({ scorers: [{ name: "s1", groups: [{ metrics: [{ name: "accuracy", options: {} }] }] }], reducers: ["mean", "max", "mine"] }, of(["C", "I", "I"], [1, "1", 2]));
    expect(scores.map(({ reducer, samples, metrics }) => [reducer, samples, metrics.get("accuracy")])).toEqual([["mean", 2, 0.25], ["max", 2, 0.5]]);
  });

  test("what nobody but its author can compute is left out", () => {
    const [score] = recomputeScores(spec({ name: "mypackage/f1", options: {} }, { name: "bootstrap_stderr", options: {} }, { name: "stderr", options: { cluster: "nowhere" } }, { name: "mean", options: {} }), of([1, 0]));
    expect([...score?.metrics ?? []]).toEqual([["mean", 0.5]]);
  });

  test("where epochs are not reduced, each counts as a sample", () => {
    const scores = recomputeScores({ scorers: [{ name: "s1", groups: [{ metrics: [{ name: "accuracy", options: {} }] }] }], reducers: [] }, of(["C", "I", "I", Number.NaN], [1, 1, 2, 2]));
    expect(scores.map(({ reducer, samples, metrics }) => [reducer, samples, metrics.get("accuracy")])).toEqual([[undefined, 4, 1 / 3]]);
  });

  test.each([["0.3.285", 0.5], ["0.3.206", 1], ["0.3.60", 0.5], [undefined, 0.5]])("null among values by name is NaN by a version that wrote it so, else nothing: %s", (version, mean) => {
    const metrics = [{ keys: "a", metrics: [{ name: "mean", options: {} }] }];
    expect(recomputeScores({ version, scorers: [{ name: "s1", groups: [{ byKey: metrics }] }], reducers: [undefined] }, of([{ a: null }, { a: 1 }]))[0]?.metrics.get("mean")).toBe(mean);
  });

  test("the second scorer of a name is told apart by a number", () => {
    const scores = (first: ScoreValue, second: ScoreValue): ScoredSample["scores"] => new Map([["match", { value: first, metadata: {} }], ["match1", { value: second, metadata: {} }]]);
    const scorers = [{ name: "match", groups: [{ metrics: [{ name: "mean", options: {} }] }] }, { name: "match", groups: [{ metrics: [{ name: "std", options: {} }] }] }];
    const computed = recomputeScores({ scorers, reducers: [undefined] }, [{ id: 1, metadata: {}, scores: scores(1, 0) }, { id: 2, metadata: {}, scores: scores(1, 0) }]);
    expect(computed.map(({ scorer, metrics }) => [scorer, [...metrics]])).toEqual([["match", [["mean", 1]]], ["match1", [["std", 0]]]]);
  });

  test("that nobody names are an accuracy and its standard error, of values by name the mean", () => {
    const given: ScoredSample = { id: 1, metadata: {}, scores: new Map([["s1", { value: "C", metadata: {} }], ["by solver", { value: "I", metadata: {} }], ["several", { value: { length: 7 }, metadata: {} }]]) };
    const of = ({ scorers }: Pick<LogHeader, "scorers">): readonly unknown[] => recomputeScores({ scorers, reducers: [undefined] }, [given]).map(({ scorer, name, metrics }) => [scorer, name, ...metrics]);
    const unnamed = [["by solver", "by solver", ["accuracy", 0], ["stderr", 0]], ["several", "length", ["mean", 7]]];
    expect(of({ scorers: [] })).toEqual([["s1", "s1", ["accuracy", 1], ["stderr", 0]], ...unnamed]);
    expect(of(spec({ name: "mean", options: {} }))).toEqual([["s1", "s1", ["mean", 1]], ...unnamed]);
  });

  test("that only their author knows are left out, and named", () => {
    expect(recomputeScores(spec({ name: "kit/own_metric", options: {} }, { name: "mean", options: {} }), of([1, 0]))[0]).toMatchObject({ metrics: new Map([["mean", 0.5]]), leftOut: ["own_metric"] });
    expect(recomputeScores(spec({ name: "mean", options: {} }), of([1, 0]))[0]).not.toHaveProperty("leftOut");
  });

  test("of nothing that was scored are NaN", () => {
    expect(recomputeScores(spec({ name: "accuracy", options: {} }), of([Number.NaN]))[0]?.metrics.get("accuracy")).toBeNaN();
    expect(recomputeScores(spec({ name: "accuracy", options: {} }), [])).toEqual([]);
    const grouped = { name: "grouped", options: { metric: { name: "mean" }, group_key: "g" } };
    const ofNothing = recomputeScores(spec(grouped, { name: "ci", options: {} }, { name: "grouped", options: { ...grouped.options, all: false } }), of([Number.NaN]));
    expect([...ofNothing[0]?.metrics ?? []]).toEqual([["all", Number.NaN], ["lower", 0], ["upper", 0], ["grouped", Number.NaN]]);
  });
});

async function readStored(path: string): Promise<{ readonly header: LogHeader; readonly samples: readonly SampleSummary[] } | undefined> {
  const file = openFile(path);
  try {
    const { members, readAt } = await openZip(file);
    const [header, summaries] = [members.get("header.json"), members.get("summaries.json")];
    if (header === undefined || summaries === undefined) return undefined;
    return { header: parseHeader((await readZipMember(readAt, header)).toString("utf8")), samples: parseSummaries([(await readZipMember(readAt, summaries)).toString("utf8")]) };
  } catch {
    return undefined;
  } finally {
    file.close();
  }
}

function linesOf({ name, scorer, reducer, metrics }: LogScore): readonly (readonly [string, number])[] {
  // Versions before 0.3.100 named the mean in one place and not in the other.
  return [...metrics].map(([key, value]) => [`${scorer} ${name} ${reducer ?? "mean"} ${key}`, value] as const);
}

function closeTo(value: number): unknown {
  return Number.isFinite(value) ? expect.toSatisfy((one: number) => Math.abs(one - value) <= 1e-12 * Math.max(1, Math.abs(value)), `to be ${value}`) as unknown : value;
}
