import { existsSync } from "node:fs";
import { basename, join } from "node:path";

import { type Daemon, startDaemon } from "../daemon/daemon.ts";
import { openLeases } from "../daemon/leases.ts";
import type { Pass } from "../daemon/reconcile.ts";
import { findExperiments } from "../experiment/find-experiments.ts";
import { createReporter, type Reporter } from "../daemon/reporter.ts";
import { viewOf } from "../daemon/view.ts";
import { plainLine } from "../domain/plain-text.ts";
import type { Settings } from "../domain/settings.ts";
import type { Request } from "../domain/request.ts";
import { assemble, type Parts } from "../main.ts";
import { whyExperiment, wordFor } from "../report/status-view.ts";
import { openRoot, type WatchedRoot } from "../state/roots.ts";
import { stateFile } from "../state/state-file.ts";
import { FencedOff } from "../system/fences.ts";
import { readRequests, writeRequest } from "../state/requests.ts";
import { turnsIn } from "../system/turns.ts";
import { createWatcher } from "../watch/watch.ts";
import { createNotifier, type NotifierOptions } from "./notifier.ts";
import { who } from "./who.ts";
import type { Voice } from "./voice.ts";

/** nightshift at work: what `watch`, `run` and `demo` have in common. */
export interface Session {
  readonly parts: Parts;
  readonly daemon: Daemon;
  /** Resolves when everything is at rest. Jobs keep running. */
  stop(): Promise<void>;
}

export interface SessionOptions {
  /** `watch /home/ada/experiments`: how the lease names this process to others. */
  readonly purpose: string;
  /** Watched folders. */
  readonly roots: readonly string[];
  /** Experiments that a person named, looked at whether a watched folder holds them or not. */
  readonly named: readonly string[];
  readonly flags: Partial<Settings>;
  readonly dryRun: boolean;
  readonly voice: Voice;
  /** Whom to wake, and for how long a silence. */
  readonly notify?: Omit<NotifierOptions, "onNote"> | undefined;
  readonly onPass: (pass: Pass) => void;
  /** An experiment that was looked at is not there any more. */
  readonly onGone?: (folder: string) => void;
}

/** Starts to work; resolves when every experiment there has been found once. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { roots, named, dryRun, voice } = options;
  const parts = await assemble({ flags: options.flags, roots: [...roots, ...named], looksOnly: dryRun });
  if (parts.schedulers.some(({ name }) => name === "slurm") && parts.settings.scheduler !== "local" && parts.settings.pollMs < politePollMs) {
    voice.note(`--poll below ${politePollMs / 1000}s asks the cluster more often than its administrators may like; it is for tests`);
  }
  const leases = openLeases(options.purpose);
  const notifier = options.notify === undefined ? undefined : createNotifier({ ...options.notify, onNote: voice.note });
  const reporter: Reporter = createReporter({
    say: (folder, happening) => {
      voice.happening(folder, happening);
      notifier?.happening(happening);
    },
  });
  const watched = new Map<string, WatchedRoot>();
  const asked = new Set(named);
  const refused = new Map<string, string>();
  // What was asked of this process and left for the one that takes care of the experiment, by folder.
  const left = new Map<string, string>();
  // Dropped, complete and settled: from then on something of ours may stand in them.
  const begun = new Set<string>();

  const requestsFor = (folder: string): readonly Request[] => {
    const at = parts.world.now();
    if (asked.has(folder)) return [{ action: "run", by: `nightshift run (${who()})`, at }];
    if (existsSync(stateFile(folder))) return [];
    const root = [...watched].find(([path]) => folder === path || folder.startsWith(`${path}/`));
    return root === undefined || root[1].stoodBefore(folder) ? [] : [{ action: "drop", by: `dropped into ${root[0]}`, at }];
  };
  const mayWrite = (folder: string): boolean => {
    // Nothing of ours stands in an experiment that is not to begin yet: not even a lease.
    const stored = parts.world.store.read(folder);
    const waiting = readRequests(folder);
    const isNamed = asked.has(folder) || waiting.some(({ request: { action, run } }) => run === undefined && (action === "release" || action === "run"));
    const isTrusted = (stored.kind === "state" || stored.kind === "none") && parts.world.store.whyForeign(folder, stored.kind === "state" ? stored.state : undefined, isNamed) === undefined;
    const concernsUs = isTrusted && (stored.kind === "state" || asked.has(folder) || begun.has(folder) || waiting.length > 0);
    if (dryRun || !concernsUs) {
      // What is not to be trusted is a person's to mend, whose commands need the lease.
      leases.letGo(folder);
      return false;
    }
    const lease = leases.take(folder);
    if (lease.kind === "theirs" && refused.get(folder) !== lease.holder) voice.note(`${folder}: ${lease.holder} takes care of it; this process only looks${lease.advice === undefined ? "" : `. ${lease.advice}`}`);
    if (lease.kind === "theirs") {
      refused.set(folder, lease.holder);
      if (asked.has(folder) && !left.has(folder)) left.set(folder, writeRequest(folder, { action: "run", by: who(), at: parts.world.now() }, parts.world.nonce()));
    }
    return lease.kind === "ours";
  };
  // Of an experiment that is not ours to write for, the logs say nothing: here is where a person hears of it.
  const stands = new Map<string, string>();
  let isBegun = false;
  const sayWhereItStands = (pass: Pass): void => {
    const view = viewOf(pass);
    const word = wordFor(view);
    const isStanding = !pass.isKept && (word === "invalid" || word === "held" || word === "settling" || pass.facts?.obstacle !== undefined);
    const label = word === "settling" ? "" : word === "invalid" ? "invalid, " : "held, ";
    const text = isStanding ? plainLine(`${pass.folder}: ${label}${whyExperiment(view) ?? "nothing is left to do"}`) : "";
    // What was found at the start is told by the survey; one that was named has none, and ends with what it cannot go on from.
    const isTold = isBegun || (named.includes(pass.folder) && pass.facts?.obstacle !== undefined && pass.foreign === undefined);
    if (isTold && text !== "" && stands.get(pass.folder) !== text) voice.note(text);
    stands.set(pass.folder, text);
  };
  const answered = new Map<string, string>();
  const daemon = startDaemon({
    world: parts.world, schedulers: parts.schedulers, postponedMs: Math.min(30_000, parts.settings.pollMs), dryRun, mayWrite, requests: requestsFor,
    turns: (scheduler) => turnsIn(join(parts.stateFolder, "lanes", scheduler)),
    onPass: (pass) => {
      const request = left.get(pass.folder);
      if (pass.isKept || (request !== undefined && !existsSync(request))) asked.delete(pass.folder);
      if (!pass.isKept && pass.before === undefined && pass.state?.life.state === "working" && !begun.has(pass.folder)) {
        begun.add(pass.folder);
        daemon.look(pass.folder);
      }
      options.onPass(pass);
      reporter.report(pass);
      notifier?.pass(pass);
      sayWhereItStands(pass);
      watcher.follow(pass.folder, pass.lookAgainMs !== undefined);
    },
    onAnswer: (folder, wish, answer) => {
      const text = answer?.kind === "postponed" || answer?.kind === "unclear" ? `${plainLine(basename(folder))}: ${wish.title}: ${answer.reason}` : undefined;
      // Asked again and again while it lasts, told once.
      if (text !== undefined && text !== answered.get(wish.intent.key)) voice.note(text);
      if (text === undefined) answered.delete(wish.intent.key);
      else answered.set(wish.intent.key, text);
    },
    onError: (folder, error, retryMs) => {
      // After a takeover the lease says so, once.
      if (!(error instanceof FencedOff)) voice.error(folder, error, retryMs);
    },
  });
  const watcher = createWatcher({
    roots: [...roots, ...named], pollMs: parts.settings.pollMs, findExperiments,
    onLook: (folder) => daemon.look(folder),
    onGone: (folder) => {
      voice.note(`${folder}: is gone; jobs that were submitted for it keep running`);
      daemon.forget(folder);
      begun.delete(folder);
      options.onGone?.(folder);
    },
    onNote: voice.note,
  });
  for (const root of roots) if (!dryRun) watched.set(root, openRoot(parts.stateFolder, root, await findExperiments(root), Date.now()));
  const touching = setInterval(() => { for (const root of watched.values()) root.touch(Date.now()); }, 3_600_000);
  await watcher.start();
  await daemon.whenIdle();
  isBegun = true;
  return {
    parts, daemon,
    stop: async () => {
      clearInterval(touching);
      await watcher.stop();
      await daemon.stop();
      await notifier?.stop();
      for (const { name, calls } of parts.schedulers) if (calls !== undefined && calls.size > 0) voice.note(renderCalls(name, calls));
      for (const root of watched.values()) root.close();
      leases.releaseAll();
    },
  };
}

const politePollMs = 60_000;

function renderCalls(name: string, calls: ReadonlyMap<string, number>): string {
  return `What this cost the cluster (${name}): ${[...calls].map(([program, count]) => `${count} ${program}`).join(", ")}.`;
}
