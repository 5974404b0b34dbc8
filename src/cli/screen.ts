import { createLogUpdate } from "log-update";

import type { Pass } from "../daemon/reconcile.ts";
import { viewOf } from "../daemon/view.ts";
import { renderHeadline, renderStatus } from "../report/status-table.ts";
import { type StatusView, wordFor } from "../report/status-view.ts";
import { renderSurvey } from "../report/survey.ts";
import { now } from "../system/clock.ts";
import { terminalPaint } from "./paint.ts";
import { cleanLine, tell } from "./tell.ts";
import { jsonVoice, plainVoice, type Voice } from "./voice.ts";

/** What a person sees of a session: a live table on a terminal, lines elsewhere. */
export interface Screen {
  readonly voice: Voice;
  /** Shows what was found at the start. */
  survey(passes: readonly Pass[], isDryRun: boolean): void;
  /** Notes the newest pass of an experiment for the table. */
  show(pass: Pass): void;
  /** Takes an experiment that is gone off the table. */
  forget(folder: string): void;
  /** Begins to draw. */
  begin(): void;
  /** Leaves the last table standing. */
  end(): void;
  /** Says the last words, below the table or as one more line of a log. */
  conclude(text: string): void;
}

/** Opens the screen that fits where the output goes. */
export function openScreen({ format, title }: { readonly format: "text" | "json"; readonly title: string }): Screen {
  if (format === "json") return quietScreen(jsonVoice());
  if (!process.stdout.isTTY) return quietScreen(plainVoice((line) => process.stdout.write(`${line}\n`)));
  return liveScreen(title);
}

function quietScreen(voice: Voice): Screen {
  return {
    voice,
    survey: (passes, isDryRun) => { for (const line of renderSurvey(passes.map(viewOf), { isDryRun }).split("\n")) if (line !== "") voice.note(line); },
    show: () => {}, forget: () => {}, begin: () => {}, end: () => {}, conclude: voice.report,
  };
}

function liveScreen(title: string): Screen {
  const update = createLogUpdate(process.stdout);
  const passes = new Map<string, Pass>();
  let timer: NodeJS.Timeout | undefined;
  let lines: string[] = [];
  const draw = (): void => {
    const width = process.stdout.columns || 120;
    const views = [...passes.values()].map(viewOf);
    const isMoving = (view: StatusView): boolean => wordFor(view) === "working" || wordFor(view) === "settling";
    // What moves has its table; what rests has a line. `status` shows everything.
    const resting = views.filter((view) => !isMoving(view)).map((view) => renderHeadline(view, terminalPaint));
    const tables = [...views.filter(isMoving).map((view) => renderStatus(view, { now: now(), width, paint: terminalPaint })), resting.join("\n")].filter((text) => text !== "");
    const room = Math.max(5, (process.stdout.rows || 40) - 3);
    update([`nightshift · ${cleanLine(title)} · Ctrl-C stops the watcher, not the jobs`, "", ...tables.join("\n\n").split("\n").slice(0, room)].join("\n"));
  };
  const print = (line: string): void => {
    if (timer === undefined) { lines.push(line); return; }
    update.clear();
    process.stdout.write(`${line}\n`);
    draw();
  };
  return {
    voice: plainVoice(print),
    survey: (found, isDryRun) => { process.stdout.write(`${renderSurvey(found.map(viewOf), { isDryRun })}\n`); },
    show: (pass) => { passes.set(pass.folder, pass); },
    forget: (folder) => { passes.delete(folder); },
    begin: () => {
      for (const line of lines) process.stdout.write(`${line}\n`);
      lines = [];
      timer = setInterval(draw, 1000);
      draw();
    },
    end: () => {
      clearInterval(timer);
      draw();
      update.done();
    },
    conclude: (text) => { tell(`\n${text}`); },
  };
}
