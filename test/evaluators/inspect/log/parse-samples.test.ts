import { describe, expect, test } from "vitest";
import { Damage } from "../../../../src/evaluators/inspect/damage.ts";
import { parseSample, parseSummaries } from "../../../../src/evaluators/inspect/log/parse-samples.ts";

describe("the prediction of a sample is", () => {
  const user = { role: "user", content: "?" };
  const says = (content: unknown): object => ({ role: "assistant", content });
  test.each([
    ["its completion", { output: { completion: "1" } }, "1"],
    ["that without the space around it", { output: { completion: " \n1\t" } }, "1"],
    ["that without what only Python takes for space", { output: { completion: "\x1c1\x85" } }, "1"],
    ["with what only JavaScript takes for space", { output: { completion: "\ufeff1" } }, "\ufeff1"],
    ["the first choice, where older versions stored no completion", { output: { choices: [{ message: says("0") }] } }, "0"],
    ["the last thing the assistant said, where there is no output", { messages: [says("first"), user, says("second"), user] }, "second"],
    ["the text of a message in parts", { messages: [says([{ type: "reasoning", reasoning: "hm" }, { type: "text", text: "1" }])] }, "1"],
    ["nothing, where nothing was said", { messages: [user] }, ""],
    ["nothing, where the answer is all space", { output: { completion: "  " }, messages: [says("1")] }, ""],
    ["nothing, where the output makes no sense", { output: 7, messages: "none" }, ""],
  ])("%s", (_what, sample, prediction) => {
    expect(parseSample(JSON.stringify(sample)).prediction).toBe(prediction);
  });
});

describe("summaries", () => {
  test("are one for each sample and epoch, the last one written", () => {
    const first = JSON.stringify([{ id: 1, epoch: 1, target: "old" }, { id: 1, epoch: 2, target: "b" }]);
    const second = JSON.stringify([{ id: 1, epoch: 1, target: "a" }, { id: "1", epoch: 1, target: "c" }]);
    expect(parseSummaries([first, second]).map(({ target }) => target)).toEqual(["a", "b", "c"]);
  });

  test("of ids that are the same double are kept apart", () => {
    expect(parseSummaries(["[{\"id\": 9007199254740992}, {\"id\": 9007199254740993}]"])).toHaveLength(2);
  });

  test("say which sample failed", () => {
    const text = JSON.stringify([{ id: 1, error: "ValueError()" }, { id: 2, error: null }, { id: 3 }]);
    expect(parseSummaries([text]).map(({ error }) => error)).toEqual(["ValueError()", undefined, undefined]);
  });

  test("with Infinity in them are read", () => {
    const [sample] = parseSummaries([`[{"id": 1, "scores": {"s": {"value": Infinity}, "t": {"value": {"a": -Infinity}}}}]`]);
    expect([...sample?.scores.values() ?? []].map(({ value }) => value)).toEqual([Number.POSITIVE_INFINITY, { a: Number.NEGATIVE_INFINITY }]);
  });

  test("with NaN in them are read", () => {
    expect(parseSummaries([`[{"id": 1, "target": "1", "scores": {"s": {"value": NaN}}}]`])).toEqual([{ id: 1, target: "1", error: undefined, metadata: {}, scores: new Map([["s", { value: Number.NaN, metadata: {} }]]) }]);
  });

  test.each(["", "{}", "[1, 2"])("that are %j are damaged", (text) => {
    expect(() => parseSummaries([text])).toThrow(Damage);
  });
});
