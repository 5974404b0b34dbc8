import { mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";

import { openHours } from "./hours.ts";
import type { Row } from "./row.ts";
import type { Stage } from "./stage.ts";

const recordedLog = join(import.meta.dirname, "../../fixtures/inspect/0.3.285/success.eval");

/** What jobs leave on disk, or do not. */
export const artefactRows: readonly Row[] = [
  {
    fault: "a checkpoint is visible only half a minute after its job's end (network file system)",
    answer: "waits a minute for what such a file system may not show yet",
    sentence: "the job is over, its checkpoint is not visible yet",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage, { lateMs: 60_000 });
      await hours.look();
      await hours.quiet();
      const show = hide(stage, "rank4/artifacts/epoch_0");
      await hours.look();
      hours.wait(30_000);
      show();
      await hours.untilFinished();
    },
  },
  {
    fault: "a checkpoint is visible only an hour after its job's end",
    answer: "FAILED meanwhile, its evaluations SKIPPED; when it is there, both go on by themselves",
    sentence: "rank4: FAILED -> COMPLETED … its checkpoint became visible after the job's end",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage, { lateMs: 60_000 });
      await hours.look();
      await hours.quiet();
      const show = hide(stage, "rank4/artifacts/epoch_0");
      await hours.untilFinished();
      hours.wait(3_600_000);
      show();
      await hours.look();
      await hours.untilFinished();
    },
  },
  {
    fault: "an evaluation's log is visible only half a minute after its job's end",
    answer: "waits for it",
    sentence: "the job is over, its log is not visible yet",
    ends: { experiment: "finished" },
    play: async (stage) => {
      const hours = openHours(stage, { lateMs: 60_000 });
      await hours.look();
      await hours.quiet();
      const show = hide(stage, "base/eval/cap/logs");
      await hours.look();
      hours.wait(30_000);
      show();
      await hours.untilFinished();
    },
  },
  {
    fault: "a training ends with exit code 0 and saved nothing",
    answer: "two witnesses for each verdict: FAILED",
    sentence: "rank4: PENDING -> FAILED …, job 1 ended well but saved no checkpoint",
    ends: { experiment: "finished", rank4: "FAILED", "rank4/cap/0": "SKIPPED" },
    ran: { "rank4/cap/0": 0 },
    shape: { before: { rank4: "exit 0" } },
    play: async (stage) => openHours(stage).untilFinished(),
  },
  {
    fault: "a `.eval` log is cut off in the middle",
    answer: "FAILED, with the file and what is wrong in it; no number is guessed from the rest",
    sentence: "unreadable evaluation log: the evaluation log cannot be read: it …",
    ends: { experiment: "finished", "base/cap": "FAILED" },
    shape: { before: { "base/cap": inLogs(`head -c 2000 '${recordedLog}' >"$(date -u +%Y-%m-%dT%H-%M-%S)-00-00_cap_cut.eval"`, "exit 0") } },
    play: async (stage) => {
      const hours = openHours(stage);
      await hours.look();
      await hours.quiet();
      await hours.look();
      await hours.untilFinished();
    },
  },
  {
    fault: "two logs of one evaluation: an error and a success",
    answer: "chooses by status, then samples, then time, and says so",
    sentence: "counts, of 2 logs, because of its status: success rather than error without results",
    ends: { experiment: "finished" },
    shape: { before: { "base/cap": logWith("error", "first") } },
    play: async (stage) => openHours(stage).untilFinished(),
  },
  {
    fault: "the newest log is empty (inspect-ai was killed at its start after a good run)",
    answer: "the good one counts; the empty one is named",
    sentence: "the evaluation log cannot be read: it …",
    ends: { experiment: "finished" },
    shape: { before: { "base/cap": inLogs(": >2099-01-01T00-00-00-00-00_cap_newest.eval") } },
    play: async (stage) => openHours(stage).untilFinished(),
  },
  {
    fault: "an evaluation is killed in the middle: its log still says `started`",
    answer: "FAILED with what was done of it; the log is left alone",
    sentence: "base/cap: PENDING -> FAILED … its log was never finished (… of 20 samples)",
    ends: { experiment: "finished", "base/cap": "FAILED" },
    shape: { before: { "base/cap": logWith("started", "killed", "kill -KILL $$") } },
    play: async (stage) => openHours(stage).untilFinished(),
  },
  {
    fault: "an evaluation ends with exit code 0 although its task went wrong",
    answer: "the log's own status decides: FAILED",
    sentence: "base/cap: PENDING -> FAILED …, ValueError('bad tokens')",
    ends: { experiment: "finished", "base/cap": "FAILED" },
    shape: { before: { "base/cap": logWith("error", "wrong", "exit 0") } },
    play: async (stage) => openHours(stage).untilFinished(),
  },
  {
    fault: "an evaluation's job ends with exit code 1 beside a complete log (its script ended with its monitor's code)",
    answer: "COMPLETED, and the contradiction is told",
    sentence: "the log is complete although job 2 ended FAILED",
    ends: { experiment: "finished" },
    shape: { before: { "base/cap": `trap 'exit 1' EXIT` } },
    play: async (stage) => openHours(stage).untilFinished(),
  },
];

// Shell that does something in the folder of the control's logs, and then something in its own.
function inLogs(command: string, afterwards = ":"): string {
  return `(cd "$STAGE/experiments/exp/base/eval/cap" && mkdir -p logs && cd logs && ${command}\n)\n${afterwards}`;
}

// As the evaluations of the small experiment write it, with another status.
function logWith(status: "error" | "started", name: string, afterwards = ":"): string {
  const failure = status === "error" ? `, "error": {"message": "ValueError('bad tokens')", "traceback": "Traceback (most recent call last):\\nValueError: bad tokens", "traceback_ansi": ""}` : "";
  const log = `{"version": 2, "status": "${status}", "eval": {"task": "cap", "task_id": "t", "run_id": "r", "created": "$(date -u +%Y-%m-%dT%H:%M:%S)+00:00", "model": "hf/base", "dataset": {"samples": 20}, "config": {}, "metadata": {}}, "stats": {"started_at": "", "completed_at": ""}, "samples": []${failure}}`;
  return inLogs(`cat >"$(date -u +%Y-%m-%dT%H-%M-%S)-00-00_cap_${name}.json" <<END\n${log}\nEND`, afterwards);
}

function hide({ experiment, at }: Stage, path: string): () => void {
  const hidden = join(at("hidden"), path);
  mkdirSync(dirname(hidden), { recursive: true });
  renameSync(join(experiment, path), hidden);
  return () => renameSync(hidden, join(experiment, path));
}
