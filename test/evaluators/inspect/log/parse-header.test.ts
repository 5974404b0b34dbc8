import { describe, expect, test } from "vitest";
import { Damage } from "../../../../src/evaluators/inspect/damage.ts";
import { parseHeader, parseStart } from "../../../../src/evaluators/inspect/log/parse-header.ts";

const evaluation = { task: "t", model: "m", created: "2026-11-21T09:34:40+00:00" };

describe("results are read", () => {
  const scored = (results: unknown): unknown => parseHeader(JSON.stringify({ status: "success", eval: evaluation, results })).results?.scores
    .map(({ scorer, name, metrics }) => [scorer, name, Object.fromEntries(metrics)]);

  test.each([
    ["as they are now", { scores: [{ name: "a", scorer: "s", metrics: { accuracy: { name: "accuracy", value: 0.5 } } }] }, [["s", "a", { accuracy: 0.5 }]]],
    ["with a scorer that gives its name alone", { scores: [{ name: "s" }] }, [["s", "s", {}]]],
    ["of the one scorer there was at first", { scorer: { name: "match" }, metrics: { accuracy: { value: 1 } } }, [["match", "match", { accuracy: 1 }]]],
    ["of one that is but a name", { scorer: "match", metrics: { accuracy: 1 } }, [["match", "match", { accuracy: 1 }]]],
    ["with null for NaN", { scores: [{ name: "s", metrics: { accuracy: { value: null } } }] }, [["s", "s", { accuracy: Number.NaN }]]],
    ["by the metrics' keys, not their names", { scores: [{ name: "s", metrics: { A: { name: "x", value: 1 }, "pkg/all": { name: "x", value: 2 } } }] }, [["s", "s", { A: 1, "pkg/all": 2 }]]],
    ["without any scorer", { scores: [] }, []],
    ["without scores", { total_samples: 3 }, []],
    ["with scores that are none", { scores: [1, null, { scorer: "s" }, { name: "s" }] }, [["s", "s", {}]]],
  ])("%s", (_how, results, scores) => {
    expect(scored(results)).toEqual(scores);
  });

  test("and an integer beyond 2^53 is the number it is near to", () => {
    const text = `{"status": "success", "eval": {"task": "t"}, "results": {"scores": [{"name": "s", "metrics": {"count": {"value": 10000000000000000000000000}}}]}}`;
    expect(parseHeader(text).results?.scores[0]?.metrics.get("count")).toBe(1e25);
  });
});

describe("of a log", () => {
  const header = (more: object, status = "success"): ReturnType<typeof parseHeader> => parseHeader(JSON.stringify({ status, eval: { ...evaluation, ...more } }));

  test.each([
    ["2026-11-21T09:34:40+00:00", "2026-11-21T09:34:40+00:00"],
    ["2024-10-15T12:53:13-04:00", "2024-10-15T12:53:13-04:00"],
    ["2026-11-21T09:34:40.123456+00:00", "2026-11-21T09:34:40.123456+00:00"],
    ["2026-11-21T09:34:40Z", "2026-11-21T09:34:40Z"],
    ["2026-11-21T09:34:40", "2026-11-21T09:34:40+00:00"],
    ["2026-13-21T09:34:40+00:00", undefined],
    ["yesterday", undefined],
    ["", undefined],
    [null, undefined],
  ])("created %j is %j", (text, instant) => {
    expect(header({ created: text }).created).toBe(instant);
  });

  test.each([
    [{ samples: 100 }, 100],
    [{ samples: 100, sample_ids: [1, 2] }, 2],
    [{ samples: 100, sample_ids: [] }, 100],
    [{}, undefined],
    ["nothing", undefined],
  ])("whose data set is %j, %s samples are to be run", (dataset, samples) => {
    expect(header({ dataset }).datasetSamples).toBe(samples);
  });

  test.each([
    [{ epochs: 2 }, [undefined]],
    [{ epochs: 2, epochs_reducer: null }, [undefined]],
    [{ epochs: 2, epochs_reducer: ["mean", "max"] }, ["mean", "max"]],
    [{ epochs: 2, epochs_reducer: [] }, []],
  ])("whose configuration is %j, epochs are reduced by %j", (config, reducers) => {
    expect(header({ config }).reducers).toEqual(reducers);
  });

  test("whose limit lies beyond the end of the data set, none is to be run", () => {
    expect(header({ dataset: { samples: 100, sample_ids: [] }, config: { limit: [200, 210] } }).datasetSamples).toBe(0);
    expect(header({ dataset: { samples: 100 }, config: { limit: 10 } }).datasetSamples).toBe(100);
  });

  test("whatever is of another type is left out", () => {
    expect(header({ model: 7, config: "none", metadata: [1], dataset: null, task_args: null })).toMatchObject({ model: "", epochs: 1, metadata: {}, taskArgs: {} });
  });

  test("tags and metadata are those it began with and every edit since, whatever stands beside them", () => {
    const edits = [
      { edits: [{ type: "metadata", metadata_set: { epoch: 1, note: "x" } }, { type: "tags", tags_add: ["z", "b"], tags_remove: ["a"] }], provenance: { author: "ada" } },
      { edits: [{ type: "metadata", metadata_remove: ["note"], metadata_set: {} }, { type: "tags", tags_add: ["c", "é", "Z"], tags_remove: ["b", "unknown"] }, 7, { type: "later", x: 1 }] },
      "no update",
    ];
    const text = JSON.stringify({ status: "success", eval: { ...evaluation, tags: ["a"], metadata: { epoch: 0, seed: 3 } }, tags: ["stale"], metadata: { epoch: 7 }, log_updates: edits });
    expect(parseHeader(text)).toMatchObject({ tags: ["Z", "c", "z", "é"], metadata: { epoch: 1, seed: 3 } });
    expect(parseHeader(text).metadata).not.toHaveProperty("note");
  });

  test("edits that are none change nothing", () => {
    for (const updates of [null, 7, {}, [null], [{ edits: 3 }]]) {
      expect(parseHeader(JSON.stringify({ status: "success", eval: { ...evaluation, tags: ["a"] }, log_updates: updates })).tags).toEqual(["a"]);
    }
  });

  test("what was changed while it ran is listed, but not how much ran at once", () => {
    const change = (name: string, value: unknown, more: object = {}): object => ({ config: "eval", name, value, cleared: false, previous: null, ...more });
    const updates = [
      { changes: [change("time_limit", 60), change("max_samples", 4)], scope: "task", provenance: { author: "ada" } },
      { changes: [change("time_limit", null), change("attempt_timeout", null, { config: "generate", cleared: true }), change("gpu", 2, { config: "concurrency" }), 7], scope: "process" },
      "none", { changes: 3 },
    ];
    const told = ["time_limit to 60", "time_limit to null", "attempt_timeout as it was at first"];
    expect(parseHeader(JSON.stringify({ status: "success", eval: evaluation, config_updates: updates })).configChanges).toEqual(told);
    expect(parseStart(JSON.stringify({ eval: evaluation }), updates.slice(0, 2).map((update) => JSON.stringify(update))).configChanges).toEqual(told);
    expect(header({}).configChanges).toEqual([]);
  });

  test("that has only started there is no status yet", () => {
    expect(parseStart(JSON.stringify({ version: 2, eval: evaluation, plan: {} })).status).toBe("started");
  });
});

describe("a header is refused", () => {
  test.each([
    ["that is no JSON", "{", "no JSON", undefined, undefined],
    ["that is a list", "[]", "no JSON object", undefined, undefined],
    ["that is a number", "1", "no JSON object", undefined, undefined],
    ["with a status nobody knows", `{"status": "fine", "eval": {"task": "t"}}`, "status", "started, success, cancelled, error", `"fine"`],
    ["without an evaluation", `{"status": "success"}`, "eval", "an inspect-ai header", "nothing"],
    ["without a task", `{"status": "success", "eval": {}}`, "eval.task", "an inspect-ai header", "nothing"],
  ])("%s", (_what, text, message, expected, found) => {
    let damage: unknown;
    try {
      parseHeader(text);
    } catch (error) {
      damage = error;
    }
    expect(damage).toBeInstanceOf(Damage);
    expect(damage).toMatchObject({ message: expect.stringContaining(message) as unknown, ...(expected === undefined ? {} : { expected, found }) });
  });
});
