import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { type Pass, reconcile } from "../../src/daemon/reconcile.ts";
import { evaluationKey, evaluationTitle, type RunType } from "../../src/domain/experiment.ts";
import type { EvaluationLog } from "../../src/domain/evaluator.ts";
import type { ExperimentState } from "../../src/domain/state.ts";
import { aRun, emptyWorld, noTraining, type ScenarioWorld } from "../support/scenario-world.ts";

// Each file in fixtures/scenarios is a transcript: blocks of commands, `----`, and what nightshift did. Every pass begins
// from the text of eval_jobs.json, so each one is a restart as well. UPDATE=1 rewrites the answers, to be read as a diff.
const folder = join(import.meta.dirname, "../../fixtures/scenarios");

describe("scenarios", () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith(".txt")))("%s", async (name) => {
    const file = join(folder, name);
    const text = readFileSync(file, "utf8");
    const played = await play(text);
    if (process.env["UPDATE"] === "1") writeFileSync(file, played);
    else expect(text).toBe(played);
  });
});

async function play(text: string): Promise<string> {
  const scenario = emptyWorld();
  const blocks = text.trimEnd().split(/\n\n+/u);
  const played: string[] = [];
  for (const block of blocks) {
    const commands = block.split("\n----")[0]?.split("\n") ?? [];
    const answers: string[] = [];
    for (const command of commands) answers.push(...(await obey(command, scenario)));
    played.push(answers.length === 0 && !block.includes("\n----") ? commands.join("\n") : [...commands, "----", ...answers].join("\n"));
  }
  return `${played.join("\n\n")}\n`;
}

async function obey(command: string, scenario: ScenarioWorld): Promise<string[]> {
  const [verb = "", ...words] = command.split(" ");
  const [first = "", second = ""] = words;
  const rest = words.slice(1).join(" ");
  switch (verb) {
    case "#": return [];
    case "run": scenario.runs.push(aRun(first, second as RunType)); return [];
    case "evaluate": {
      const epochs = words.slice(2).map(Number);
      for (const epoch of epochs.length === 0 ? [null] : epochs) scenario.evaluations.push({ run: first, task: second, epoch });
      return [];
    }
    case "strike": scenario.runs.splice(scenario.runs.findIndex(({ name }) => name === first), 1); scenario.changedMs = scenario.nowMs; return [];
    case "scaffold": {
      const all = [...scenario.runs.filter(({ type }) => type === "fine-tuned").map(({ name }) => name), ...scenario.evaluations.map(evaluationKey)];
      for (const unit of first === "all" ? all : words) scenario.scripts.add(unit);
      scenario.changedMs = scenario.nowMs;
      return [];
    }
    case "remove": scenario.scripts.delete(first); return [];
    case "change": scenario.configHashes.set(first, second); return [];
    case "wait": scenario.nowMs += Number(first) * 1000; return [];
    case "setting": Object.assign(scenario, { [first]: second === "true" ? true : second === "false" ? false : /^\d+$/u.test(second) ? Number(second) : second }); return [];
    case "trace": scenario.traces.push(words.join(" ")); return [];
    case "error": if (first === "") delete scenario.error; else scenario.error = words.join(" "); return [];
    case "foreign": scenario.foreign = words.join(" "); return [];
    case "ask": {
      const [run = "", task, epoch] = second.split("/");
      scenario.requests.push({ action: first as "release", by: "ada", at: scenario.world.now(), ...(run === "" ? {} : { run }), ...(task === undefined ? {} : { task }), ...(epoch === undefined ? {} : { epoch: Number(epoch) }) });
      return [];
    }
    case "claiming": for (const [key, record] of scenario.records) scenario.records.set(key, { ...record, isClaiming: true }); return [];
    case "unheard": scenario.unheard.add(scenario.jobs.find(({ id }) => id === first)?.key ?? ""); scenario.missing.set(scenario.jobs.find(({ id }) => id === first)?.key ?? "", rest); return [];
    case "missing": scenario.missing.set(scenario.jobs.find(({ id }) => id === first)?.key ?? "", rest); return [];
    case "found": scenario.missing.clear(); return [];
    // somebody else's job: id, script or `-` where the scheduler does not tell it, state, folder
    case "others": scenario.jobs.push({ id: first, name: second, state: words[2] ?? "RUNNING", ...(second === "-" ? {} : { script: `${scenario.folder}/${second}` }), workFolder: words[3] ?? scenario.folder }); return [];
    // somebody else's job that is over and left the queue, as accounting remembers it: id, script, state
    case "past": scenario.past.push({ id: first, name: second, state: words[2] ?? "COMPLETED", script: `${scenario.folder}/${second}`, workFolder: scenario.folder }); return [];
    // what another tool has just noted: run name or evaluation key, state, id of the job
    case "note": scenario.notes.set(first, { file: `logs/run-${scenario.runs.some(({ name }) => name === first) ? "torchtune" : "inspect"}.state.json`, changedMs: scenario.nowMs, state: second, ...(words[2] === undefined ? { error: "sbatch: error: QOSMaxSubmitJobPerUserLimit" } : { jobId: words[2] }) }); return [];
    // another tool that runs on this machine, by its process, or may run on another one, by its file
    case "submitter": scenario.submitters.push({ program: "submit_torchtune", host: "login1", pid: Number(first), since: scenario.world.now() }); return [];
    case "submitter-elsewhere": scenario.unfinished.push({ file: "logs/run-torchtune.state.json", program: "submit_torchtune", changedMs: scenario.nowMs, restMs: 180_000 }); return [];
    case "submitter-ends": scenario.submitters.splice(0); scenario.unfinished.splice(0); return [];
    case "grow": scenario.grownMs = scenario.nowMs; return [];
    case "ours": scenario.jobs.push({ id: first, key: second, name: second, state: "RUNNING", script: `${scenario.folder}/.nightshift/jobs/${second}/finetune.slurm` }); return [];
    case "job": Object.assign(theJob(scenario, first), { state: second, ...(second === "PENDING" ? {} : { startedAt: scenario.world.now() }), ...(isOver(second) ? { endedAt: scenario.world.now() } : {}) }); return [];
    case "forget": scenario.jobs.splice(0, scenario.jobs.length); return [];
    case "answer": scenario.submit = answerWith(scenario, first, rest); return [];
    case "training": scenario.trainings.set(first, trainingOf(scenario, first, words.slice(1))); return [];
    case "log": scenario.logs.set(first, { logCount: 1, problems: [], log: logOf(scenario, first, second as "success", Number(words[2] ?? "NaN")) }); return [];
    // what an evaluation's job printed of its accuracy, where no log can be read
    case "printed": scenario.logs.set(first, { logCount: 0, problems: [], printed: { accuracy: Number(second), scorer: "match", output: `${scenario.folder}/slurm-${first}.out` } }); return [];
    case "drop": return pass(scenario, "drop", true);
    case "look": return pass(scenario, undefined, true);
    case "watch": return pass(scenario, undefined, false);
    default: throw new Error(`no such command: ${command}`);
  }
}

async function pass(scenario: ScenarioWorld, action: "drop" | undefined, submits: boolean): Promise<string[]> {
  const at = scenario.world.now();
  const requests = action === undefined || scenario.stored !== undefined ? [] : [{ action, by: "dropped into a watched folder", at }];
  const result = await reconcile(scenario.folder, scenario.world, { mayWrite: true, requests });
  const submissions = result.wishes.flatMap((wish) => {
    if (wish.kind === "cancel") return [`cancel ${wish.title}${wish.intent.id === undefined ? "" : ` (job ${wish.intent.id})`}`];
    if (!submits) return [`would submit ${wish.title}`];
    const answer = scenario.submit(wish.intent);
    return [`submit ${wish.title} -> ${answer.kind === "accepted" ? `job ${answer.id}` : `${answer.kind}: ${answer.kind === "withdrawn" ? answer.by : answer.reason}`}`];
  });
  return [...narrate(result), ...submissions];
}

function narrate({ before, state, problems, isKept, lookAgainMs }: Pass): string[] {
  const lines = state === undefined ? problems.map(({ message }) => `invalid: ${message}`) : changes(before, state);
  return [
    ...(lines.length === 0 ? ["nothing changed"] : lines),
    ...(isKept || state === undefined ? [] : ["(nothing written)"]),
    ...(lookAgainMs === undefined ? [] : [`look again in ${Math.round(lookAgainMs / 100) / 10} s`]),
  ];
}

function changes(before: ExperimentState | undefined, after: ExperimentState): string[] {
  const units = (state: ExperimentState | undefined): [string, { state: string; context: { reason?: string | undefined; failure?: { cause: string; message: string } | undefined; stale?: boolean | undefined } }][] =>
    state === undefined ? [] : [["experiment", state.life], ...Object.entries(state.runs), ...Object.entries(state.evaluations).map(([key, life]) => [evaluationTitle(state.units[key] ?? { run: key, task: "", epoch: null }), life] as [string, typeof life])];
  const old = new Map(units(before));
  return units(after).flatMap(([name, { state, context }]) => {
    const was = old.get(name);
    const why = context.failure === undefined ? context.reason : `${context.failure.cause}: ${context.failure.message}`;
    const whyBefore = was?.context.failure === undefined ? was?.context.reason : `${was.context.failure.cause}: ${was.context.failure.message}`;
    if (was?.state === state && why === whyBefore && was.context.stale === context.stale) return [];
    return [`${name}: ${was === undefined || was.state === state ? state : `${was.state} -> ${state}`}${why === undefined ? "" : ` (${why})`}${context.stale === true ? " STALE" : ""}`];
  });
}

function theJob(scenario: ScenarioWorld, id: string): object {
  const job = scenario.jobs.find((candidate) => candidate.id === id);
  if (job === undefined) throw new Error(`no job ${id}`);
  return job;
}

function isOver(state: string): boolean {
  return !["PENDING", "RUNNING", "COMPLETING"].includes(state);
}

function answerWith(scenario: ScenarioWorld, kind: string, reason: string): ScenarioWorld["submit"] {
  return ({ key }) => {
    const answer = { kind: kind as "refused", reason };
    scenario.records.set(key, { key, ids: [], answer, spawned: true });
    return answer;
  };
}

function trainingOf(scenario: ScenarioWorld, run: string, words: readonly string[]): typeof noTraining {
  const value = (name: string): string | undefined => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const epochs = (value("epochs") ?? "").split(",").filter((text) => text !== "").map(Number);
  const failure = value("failure");
  return {
    ...noTraining, output: `${scenario.folder}/${run}/artifacts/slurm-101.out`, checkpointLines: epochs.length,
    finalLoss: Number(value("loss") ?? "0.2"), totalSteps: 200, epochs: 2,
    checkpoints: epochs.map((epoch) => ({ epoch, path: `${scenario.folder}/${run}/artifacts/epoch_${epoch}`, complete: value("complete") !== "no" })),
    ...(value("behind") === undefined ? {} : { isBehind: true }),
    ...(failure === undefined ? {} : { failure: { cause: failure.replaceAll("_", " ") as "error", message: value("says") ?? failure } }),
  };
}

function logOf(scenario: ScenarioWorld, key: string, status: EvaluationLog["status"], accuracy: number): EvaluationLog {
  return {
    path: `${scenario.folder}/logs/${key}.eval`, status, task: "capitalization", model: "hf/x", created: scenario.world.now(), samples: 50, metrics: [],
    ...(Number.isNaN(accuracy) ? {} : { accuracy, scorer: "match" }),
    ...(status === "error" ? { failure: { cause: "evaluation error", message: "ValueError: bad tokens" } } : {}),
  };
}
