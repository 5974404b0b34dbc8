import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { parsePrintedAccuracy } from "../../../../src/evaluators/inspect/outputs/parse-printed.ts";

const grid = "match            includes         \naccuracy  0.850  accuracy  0.910  \nstderr    0.036  stderr    0.029  \n\nLog: logs/x.eval\n";

describe("the accuracy that an evaluation printed", () => {
  test.each<[string, string, ReturnType<typeof parsePrintedAccuracy>]>([
    ["in a grid is that of its first scorer", grid, { scorer: "match", accuracy: 0.85 }],
    ["in a grid whose first scorer has none is that of the next", "nanscorer        a              b\nmean      0.625  mean    0.476  accuracy  0.714\n", { scorer: "b", accuracy: 0.714 }],
    ["in a box", `╭──────╮\n│demo (7 samples): mockllm/model  │\n╰──────╯\n${grid}`, { scorer: "match", accuracy: 0.85, samples: 7 }],
    ["with its scorer's name before it", "match/accuracy: 0.85\nincludes/accuracy: 0.5\n", { scorer: "includes", accuracy: 0.5 }],
    ["twice is the last one", `match/accuracy: 0.1\n${"x\n".repeat(3)}match/accuracy: 0.9 \n`, { scorer: "match", accuracy: 0.9 }],
    ["that is no number", "match\naccuracy  nan\n", { scorer: "match", accuracy: Number.NaN }],
    ["in colours", "\u001b[1mmatch\u001b[0m\n\u001b[2maccuracy\u001b[0m  \u001b[32m1.000\u001b[0m\n", { scorer: "match", accuracy: 1 }],
    ["while it still ran is none", "slow | Steps:   3/3 100% | Samples:   3/  3 | accuracy:  0.50 | mockllm:  0/20\n", undefined],
    ["before it was interrupted is none", `${grid}Task interrupted (3 of 7 total samples logged before interruption).\n`, undefined],
    ["is not every word of that name", "accuracy is what counts\nmy accuracy\n", undefined],
    ["is not there", "", undefined],
    ["of what is no number is none", "match/accuracy: n/a\n", undefined],
  ])("%s", (_how, text, accuracy) => {
    expect(parsePrintedAccuracy(text)).toEqual(accuracy);
  });

  test("is found in no time, whatever the output is", () => {
    for (const piece of ["accuracy ", "a 0.1 ", "match/accuracy: ", "│", "\n", "accuracy 0.5 "]) expect(parsePrintedAccuracy(`${piece.repeat(200_000)}x`)).toBeUndefined();
  });
});

const recorded = join(import.meta.dirname, "../../../../../shared/data/torchtune-real");

describe.skipIf(!existsSync(recorded))("the outputs of real evaluations", () => {
  const outputs = (existsSync(recorded) ? readdirSync(recorded, { recursive: true }) as string[] : []).filter((name) => /slurm-\d+\.out$/u.test(name) && /^match /mu.test(readFileSync(join(recorded, name), "utf8")));

  test("say what their grids say", () => {
    expect(outputs.length).toBeGreaterThan(10);
    for (const name of outputs) {
      const text = readFileSync(join(recorded, name), "utf8");
      expect([name, parsePrintedAccuracy(text)?.accuracy]).toEqual([name, Number(/^accuracy +(?<value>\d\.\d+)/mu.exec(text)?.groups?.["value"])]);
    }
  });
});
