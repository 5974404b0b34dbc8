import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { reconcile } from "../../src/daemon/reconcile.ts";
import type { ExperimentState } from "../../src/domain/state.ts";
import { evaluationStatus, runStatus } from "../../src/domain/status.ts";
import { assemble } from "../../src/main.ts";
import { hasRecordings, layOutRecorded, recordedNames } from "../support/recorded-experiments.ts";

// Real trainings and evaluations that nightshift never ran, met for the first time: read, told truly, and left alone.
describe.skipIf(!hasRecordings)("a recorded experiment, first met", () => {
  const met = new Map<string, { state: ExperimentState; oracle: Awaited<ReturnType<typeof layOutRecorded>>["oracle"] }>();
  let outside = "";

  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), "nightshift-outside-"));
    process.env["XDG_STATE_HOME"] = outside;
    for (const name of recordedNames) {
      const laidOut = await layOutRecorded(name);
      const { world } = await assemble({ flags: {}, roots: [] });
      const { state, wishes } = await reconcile(laidOut.folder, world, { mayWrite: true });
      if (state === undefined) throw new Error(`${name} could not be read`);
      expect(wishes).toEqual([]);
      met.set(name, { state, oracle: laidOut.oracle });
      await laidOut.remove();
    }
  });
  afterAll(() => {
    delete process.env["XDG_STATE_HOME"];
    rmSync(outside, { recursive: true, force: true });
  });

  test.each([...recordedNames])("%s: every training comes to what Python's own libraries say", (name) => {
    const { state, oracle } = met.get(name) ?? fail(name);
    for (const [run, { training }] of Object.entries(oracle.runs)) {
      if (training === null) continue;
      const result = state.runs[run]?.context.result;
      // What stopped in its first step has no loss to tell.
      if (training.points === 0) continue;
      expect({ run, loss: result?.finalLoss, steps: result?.totalSteps, epochs: result?.epochs }).toEqual({
        run, loss: training.nan_points > 0 ? Number.NaN : training.final_loss, steps: training.last_step, epochs: training.last_epoch_printed,
      });
    }
  });

  test.each([...recordedNames])("%s: every evaluation that has a log comes to what inspect-ai says", (name) => {
    const { state, oracle } = met.get(name) ?? fail(name);
    for (const [run, { evals }] of Object.entries(oracle.runs)) {
      for (const log of Object.values(evals)) {
        const cell = log.file.split("/")[2] ?? "";
        const life = state.evaluations[`${run}_${cell}`];
        expect({ cell: `${run}/${cell}`, log: life?.context.result?.log, status: life?.context.result?.logStatus, accuracy: life?.context.result?.accuracy ?? null })
          .toEqual({ cell: `${run}/${cell}`, log: log.file, status: log.status, accuracy: log.accuracy });
      }
    }
  });

  test.each([
    ["rank8_timeout", "TIMEOUT", "time limit", /TIME LIMIT/u],
    ["rank8_badkey", "FAILED", "error", /TypeError/u],
  ])("cap_fail: %s is %s (%s)", (run, status, cause, message) => {
    const life = met.get("cap_fail")?.state.runs[run] ?? fail(run);
    expect(runStatus(life)).toBe(status);
    expect(life.context.failure).toMatchObject({ cause, message: expect.stringMatching(message) as string });
  });

  test("cap_fail: a training that diverged is told as nan from its step on, not by its last finite loss", () => {
    const life = met.get("cap_fail")?.state.runs["rank8_nan"] ?? fail("rank8_nan");
    expect(life).toMatchObject({ state: "trained", context: { result: { finalLoss: Number.NaN, divergedAtStep: 5 } } });
  });

  test.each([
    ["Tiny-Llama-Copy_base_capitalization", "COMPLETED", undefined],
    ["Tiny-Llama-Copy_base_capitalization_badtokens", "FAILED", "evaluation error"],
    ["Tiny-Llama-Copy_base_capitalization_long", "FAILED", "evaluation incomplete"],
    ["Tiny-Llama-Copy_base_capitalization_longint", "CANCELLED", "cancelled"],
    ["rank8_timeout_capitalization_epoch0", "SKIPPED", undefined],
    ["rank8_badkey_capitalization_epoch0", "SKIPPED", undefined],
    ["rank8_nan_capitalization_epoch0", "COMPLETED", undefined],
  ])("cap_fail: %s is %s", (key, status, cause) => {
    const life = met.get("cap_fail")?.state.evaluations[key] ?? fail(key);
    expect([evaluationStatus(life), life.context.failure?.cause]).toEqual([status, cause]);
  });
});

function fail(what: string): never {
  throw new Error(`${what} was not read`);
}
