import { chmodSync, chownSync, cpSync, lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { listing } from "../support/listing.ts";
import { type Ended, fast, openWorkplace, textOf } from "../support/workplace.ts";
import { runAs } from "./run-as.ts";
import { writeHostileExperiment } from "./hostile-experiment.ts";

// Two users and a group that nobody else has. Only root can be several people.
const [ada, group] = [54_321, 54_322];
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("what belongs to somebody else", () => {
  const place = openWorkplace();
  const home = join(place.folder, "home");
  const program = join(place.folder, "program");
  const at = (experiment: string, name = ""): string => join(place.root, experiment, name);
  const asAda = runAs({ uid: ada, groups: [group], home, program: join(program, "nightshift.js"), environment: { LEDGER: place.ledger } });
  const give = (path: string): void => { for (const name of ["", ...readdirSync(path, { recursive: true, encoding: "utf8" })]) chownSync(join(path, name), ada, ada); };

  beforeAll(() => {
    chmodSync(place.folder, 0o755);
    cpSync(join(import.meta.dirname, "../../dist"), program, { recursive: true });
    mkdirSync(home);
    writeFileSync(place.ledger, "", { mode: 0o666 });
    chmodSync(place.ledger, 0o666);
    chownSync(home, ada, ada);
    chownSync(place.root, ada, ada);
  });
  afterAll(asAda.end);

  test.each<[string, RegExp, number]>([
    ["status", /held.*nothing can be written in its folder: this user has no permission here/su, 0],
    ["check", /nothing can be written in its folder/u, 0],
    ["run", /is held: nothing can be written in its folder/u, 2],
    ["summarize", /this user has no permission here \(EACCES/u, 1],
    ["hold", /this user has no permission here \(EACCES/u, 1],
    ["cancel", /this user has no permission here \(EACCES/u, 1],
    ["adopt", /nothing can be written in its folder/u, 2],
  ])("is only looked at by %s, which says so in a sentence", async (command, message, code) => {
    const experiment = join(place.folder, "roots", command);
    writeHostileExperiment(experiment, { runs: ["run"] });
    const before = listing(experiment);
    const ended = await asAda.nightshift([command, experiment, ...(command === "run" ? fast : [])]);
    expect(ended.code).toBe(code);
    expect(ended.out + ended.err).toMatch(message);
    expect(ended.err).not.toMatch(/^ {4}at /mu);
    expect(listing(experiment)).toEqual(before);
  });

  // A folder named nightshift.yaml would be the settings' file of all.
  const folderOf = (name: string): string => `of ${name.replaceAll("/", " ").trim()}`;
  /** What in an experiment of Ada's is root's, and what is said of it; nothing where all is done all the same. */
  const cases: readonly (readonly [name: string, says?: RegExp])[] = [
    ["eval_jobs.json", /eval_jobs\.json: cannot be read: this user has no permission here/u],
    ["nightshift.yaml", /nightshift\.yaml: the settings' file cannot be read \(EACCES\)/u],
    ["run/finetune.slurm", /finetune\.slurm: this cannot be read \(EACCES\)/u],
    ["logs/", /logs\/run-torchtune\.state\.json: this cannot be read \(EACCES\)/u],
    [".nightshift/", /nothing can be written in its folder/u],
    [".nightshift/jobs/", /nothing can be written in its folder/u],
    ["summary.md"],
    ["run-experiment.log"],
    ["logs/run-inspect.log"],
    ["run/notes/"],
    [".nightshift/requests/1.json"],
    ["somewhere/else/"],
  ];

  test("is said once, and keeps nothing else from being done", async () => {
    for (const [name] of cases) {
      const made = join(place.folder, "made", folderOf(name));
      const path = join(made, name);
      writeHostileExperiment(made, { runs: ["run"] });
      mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
      if (!name.endsWith("/")) writeFileSync(path, textOf(path));
      give(made);
      chownSync(path, 0, 0);
      chmodSync(path, name.endsWith("/") ? 0o700 : 0o600);
    }
    const watch = asAda.start(["watch", place.root, ...fast]);
    await watch.says("No experiment is here yet");
    for (const [name] of cases) renameSync(join(place.folder, "made", folderOf(name)), at(folderOf(name)));
    const saidOf = (name: string): readonly string[] => watch.said().split("\n").filter((line) => line.startsWith(`${at(folderOf(name))}: `));
    const isFinished = (name: string): boolean => textOf(at(folderOf(name), "eval_jobs.json")).includes('"state": "finished"');
    for (const [name, says] of cases) {
      await eventually(() => (says === undefined ? isFinished(name) : saidOf(name).some((line) => says.test(line))), name, 60_000)
        .catch((error: unknown) => { throw new Error(`it said:\n${watch.said()}`, { cause: error }); });
    }
    watch.signal("SIGINT");
    expect(await watch.ended).toMatchObject({ code: 0, err: "" });
    for (const [name, says] of cases) expect([name, saidOf(name).length]).toEqual([name, says === undefined ? 0 : 1]);
  }, 120_000);

  test("in a folder of the group's, state, logs and results are the group's", async () => {
    const experiment = at("shared");
    writeHostileExperiment(experiment, { runs: ["run"] });
    give(experiment);
    for (const folder of [experiment, at("shared", "run")]) {
      chownSync(folder, ada, group);
      chmodSync(folder, 0o2775);
    }
    const ended: Ended = await asAda.nightshift(["run", experiment, ...fast], { umask: "002" });
    expect(ended).toMatchObject({ code: 0, err: "" });
    for (const name of ["eval_jobs.json", "summary.md", "run-experiment.log", "run-inspect.log"]) {
      const { uid, gid, mode } = lstatSync(at("shared", name));
      expect([name, uid, gid, (mode & 0o777).toString(8)]).toEqual([name, ada, group, "664"]);
    }
  });
});
