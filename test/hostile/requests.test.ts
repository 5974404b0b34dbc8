import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { readRequests } from "../../src/state/requests.ts";
import { eventually } from "../support/eventually.ts";
import { fast, type Nightshift, openWorkplace, textOf } from "../support/workplace.ts";
import { writeHostileExperiment } from "./hostile-experiment.ts";
import { dangersIn, hostile } from "./texts.ts";

const place = openWorkplace();
const experiment = join(place.root, "exp");
const requests = join(experiment, ".nightshift", "requests");
const outside = join(place.folder, "outside.json");
const good = { action: "release", run: "run", by: "ada", at: "2026-11-21T12:00:00+00:00" };

/** Files that no nightshift wrote. None of them asks for anything. */
const files: Readonly<Record<string, string>> = {
  "a empty": "", "b no JSON": "garbage{", "c a list": "[]", "d nothing": "null", "e a number": "1e999", "f without fields": "{}",
  "g unknown action": JSON.stringify({ ...good, action: "rm -rf" }), "h actions": JSON.stringify({ ...good, action: ["release"] }), "i prototype": '{"__proto__": {"action": "release"}, "by": "x", "at": "2026-11-21T12:00:00Z"}',
  "j no time": JSON.stringify({ ...good, at: "yesterday" }), "k odd time": JSON.stringify({ ...good, at: "9999999999999-01-01" }), "l half an epoch": JSON.stringify({ ...good, task: "cap", epoch: 0.5 }),
  "m a run that is none": JSON.stringify({ ...good, run: 7 }), "n of another folder": JSON.stringify({ ...good, place: { path: "/somewhere/else", device: 1, inode: 2 } }),
  "o huge": `${JSON.stringify(good).slice(0, -1)}, "padding": "${"x".repeat(10_000_000)}"}`, "p nested": `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
};

describe("what stands among the requests of an experiment", () => {
  let watch: Nightshift;

  beforeAll(async () => {
    writeHostileExperiment(experiment, { runs: ["run"], training: place.waitFor(join(place.folder, "go")) });
    mkdirSync(requests, { recursive: true });
    writeFileSync(outside, JSON.stringify({ ...good, action: "cancel" }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(requests, `${name}.json`), text);
    execFileSync("mkfifo", [join(requests, "q pipe.json")]);
    mkdirSync(join(requests, "r folder.json"));
    symlinkSync("/dev/zero", join(requests, "s device.json"));
    watch = place.start(["run", experiment, ...fast], { env: { LEDGER: place.ledger } });
    await watch.says("PENDING -> RUNNING");
  }, 60_000);

  test("and cannot be understood asks for nothing, and stays", () => {
    expect(readRequests(experiment)).toEqual([]);
    expect(readdirSync(requests)).toHaveLength(Object.keys(files).length + 3);
  });

  test("is honoured where it can be understood, whatever else it says, for the units that there are", async () => {
    const put = (name: string, request: object): void => { writeFileSync(join(requests, `${name}.json`), JSON.stringify(request)); };
    put("t", { ...good, action: "hold", run: "run", task: "cap", by: `mallory ${hostile}`, command: "touch CANARY", path: "../../x" });
    for (const [index, run] of ["__proto__", "constructor", "../../x", "nobody"].entries()) put(`u${index}`, { ...good, action: "cancel", run });
    put("v", { ...good, action: "cancel", run: "run", task: "cap", epoch: 7 });
    await eventually(() => readdirSync(requests).every((name) => /^[a-s] /u.test(name)), "the last request");
    expect(state()).toMatchObject({ state: "working", runs: { run: { status: "RUNNING" } }, evaluations: { run_cap_epoch0: { status: "WAITING", stopped_by: expect.stringMatching(/^mallory pwn/u) as string } } });
    expect(({} as { action?: unknown }).action).toBeUndefined();
    expect(dangersIn(textOf(join(experiment, "run-inspect.log")) + watch.said())).toEqual([]);
  });

  test("does not keep the work from being done", async () => {
    writeFileSync(join(place.folder, "go"), "");
    expect(await watch.ended).toMatchObject({ err: "" });
    expect(state()).toMatchObject({ runs: { run: { status: "COMPLETED" } } });
  });

  test("leads nowhere else", () => {
    expect(existsSync(outside)).toBe(true);
    expect(readdirSync(place.folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("CANARY"))).toEqual([]);
  });

  const state = (): unknown => JSON.parse(readFileSync(join(experiment, "eval_jobs.json"), "utf8"));
});
