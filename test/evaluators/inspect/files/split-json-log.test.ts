import { describe, expect, test } from "vitest";
import { Damage } from "../../../../src/evaluators/inspect/damage.ts";
import { splitJsonLog } from "../../../../src/evaluators/inspect/files/split-json-log.ts";

const log = {
  status: "success",
  eval: { task: "a \"samples\": [{", nested: { samples: [1, { a: 2 }] }, text: "back\\slash\\" },
  samples: [{ id: 1, target: "]}", messages: [{ content: "é{" }] }, { id: 2 }],
  reductions: [{ samples: [{ value: 1 }] }],
};

describe.each([1, 2, 3, 7, 64, 10_000])("read %d bytes at a time", (size) => {
  test("a log falls into its head, its samples and its fields", async () => {
    const pieces = await split(JSON.stringify(log, undefined, 1), size);
    expect(pieces.map(({ kind }) => kind)).toEqual(["head", "sample", "sample", "fields"]);
    expect(pieces.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
      { status: log.status, eval: log.eval, samples: [] },
      ...log.samples,
      { ...log, samples: [] },
    ]);
  });
});

test.each([
  ["no samples", { status: "success" }, ["fields"]],
  ["an empty list of samples", { samples: [], status: "success" }, ["head", "fields"]],
  ["samples that are none", { samples: null }, ["fields"]],
  ["samples in an object", { samples: { a: [] } }, ["fields"]],
])("a log with %s has these pieces: %j", async (_what, value, kinds) => {
  expect((await split(JSON.stringify(value), 5)).map(({ kind }) => kind)).toEqual(kinds);
});

test("a log that is cut off anywhere is damaged", async () => {
  const text = JSON.stringify(log);
  for (let length = 0; length < text.length; length += 1) {
    await expect(split(text.slice(0, length), 50), `the first ${length} characters`).rejects.toThrow(Damage);
  }
});

test("a sample longer than the limit is refused", async () => {
  await expect(split(JSON.stringify({ samples: ["x", { said: "x".repeat(5000) }] }), 100)).rejects.toThrow("too large");
});

async function split(text: string, size: number): Promise<readonly { kind: string; text: string }[]> {
  const pieces = [];
  for await (const piece of splitJsonLog(chunks(Buffer.from(text), size), 1000)) pieces.push(piece);
  return pieces;
}

// eslint-disable-next-line require-await -- the splitter reads streams, which are asynchronous
async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
