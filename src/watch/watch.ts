import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";

import { deliversEvents } from "./file-system.ts";
import { readFingerprint } from "./fingerprint.ts";
import { createListener } from "./listen.ts";

/** Tells which experiments to look at: because they appeared, changed or went. */
export interface Watcher {
  /** Scans once and then goes on scanning; resolves after the first scan. */
  start(): Promise<void>;
  /** Listens closely to an experiment in flight, or no longer. */
  follow(folder: string, isInFlight: boolean): void;
  stop(): Promise<void>;
}

export interface WatcherOptions {
  /** Folders with experiments somewhere inside. */
  readonly roots: readonly string[];
  readonly pollMs: number;
  readonly findExperiments: (root: string) => Promise<readonly string[]>;
  readonly onLook: (folder: string) => void;
  readonly onGone: (folder: string) => void;
  readonly onNote: (text: string) => void;
}

/** Watches folders: a scan every `pollMs` is the mechanism, the kernel's events make it faster where there are any. */
export function createWatcher(options: WatcherOptions): Watcher {
  const { roots, pollMs, onLook } = options;
  const fingerprints = new Map<string, string>();
  const soon = new Map<string, NodeJS.Timeout>();
  let scanning: Promise<void> | undefined;
  let scanTimer: NodeJS.Timeout | undefined;
  let requestTimer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const silent = new Set<string>();
  // A file system that does not answer says nothing about what is in it: what was known stays known, the other roots go
  // on, and the next scan asks again.
  const findIn = async (root: string): Promise<readonly string[]> => {
    try {
      const found = await options.findExperiments(root);
      silent.delete(root);
      return found;
    } catch (error) {
      if (!silent.has(root)) options.onNote(`${root}: cannot be scanned (${error instanceof Error ? error.message : String(error)}); trying again every ${pollMs / 1000} s`);
      silent.add(root);
      return [...fingerprints.keys()].filter((folder) => folder === root || folder.startsWith(root + sep));
    }
  };
  const scan = async (): Promise<void> => {
    const found = new Set((await Promise.all(roots.map(findIn))).flat());
    for (const folder of found) {
      const fingerprint = await readFingerprint(folder);
      if (isStopped) return;
      if (fingerprint === undefined || fingerprints.get(folder) === fingerprint) continue;
      fingerprints.set(folder, fingerprint);
      onLook(folder);
    }
    for (const folder of fingerprints.keys()) {
      if (found.has(folder)) continue;
      fingerprints.delete(folder);
      options.onGone(folder);
    }
  };
  const scanNow = async (): Promise<void> => {
    clearTimeout(scanTimer);
    scanning ??= scan().finally(() => { scanning = undefined; });
    await scanning;
    if (!isStopped) scanTimer = setTimeout(() => void scanNow(), pollMs);
  };
  // Events of one experiment within a quarter of a second are one look.
  const merge = (name: string, act: () => void): void => {
    if (isStopped || soon.has(name)) return;
    soon.set(name, setTimeout(() => { soon.delete(name); act(); }, 250));
  };
  const listener = createListener({
    onChange: (path) => {
      const folder = [...fingerprints.keys()].find((candidate) => path === candidate || path.startsWith(candidate + sep));
      if (folder === undefined || !existsSync(join(folder, "experiment_summary.yaml"))) merge("", () => void scanNow());
      else merge(folder, () => onLook(folder));
    },
    onRefused: (reason) => options.onNote(`the system refuses to announce more changes (${reason}); scanning every ${pollMs / 1000} s instead`),
  });
  const lookForRequests = (): void => {
    for (const folder of fingerprints.keys()) if (hasRequests(folder)) onLook(folder);
  };
  return {
    start: async () => {
      for (const root of roots) {
        if (deliversEvents(root)) listener.add(root, 2);
        else options.onNote(`${root}: changes are not announced there; scanning every ${pollMs / 1000} s`);
      }
      requestTimer = setInterval(lookForRequests, 2000);
      await scanNow();
    },
    follow: (folder, isInFlight) => {
      // The last pass may end after the watching has; a listener begun then would keep the process alive for good.
      if (isStopped) return;
      if (isInFlight && deliversEvents(folder)) listener.add(folder, 5);
      else listener.remove(folder);
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(scanTimer);
      clearInterval(requestTimer);
      for (const timer of soon.values()) clearTimeout(timer);
      await Promise.all([listener.close(), scanning]);
    },
  };
}

function hasRequests(folder: string): boolean {
  try {
    return readdirSync(join(folder, ".nightshift", "requests")).some((name) => name.endsWith(".json"));
  } catch {
    return false;
  }
}
