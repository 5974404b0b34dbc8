import { type FSWatcher, watch } from "chokidar";

/** Hears changes in folders, as far as the file system announces them. A hint, never the mechanism: the scan is. */
export interface Listener {
  /** Listens inside a folder down to `depth` levels. Doing so twice changes nothing. */
  add(folder: string, depth: number): void;
  remove(folder: string): void;
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly onChange: (path: string) => void;
  /** Told once when the kernel refuses more watches; listening ends then, and the scan alone goes on. */
  readonly onRefused: (reason: string) => void;
}

/** Starts listening to nothing yet. */
export function createListener({ onChange, onRefused }: ListenerOptions): Listener {
  const watchers = new Map<string, FSWatcher>();
  let isRefused = false;
  let isClosed = false;
  const close = async (): Promise<void> => {
    const all = [...watchers.values()];
    watchers.clear();
    await Promise.all(all.map((watcher) => watcher.close()));
  };
  return {
    add: (folder, depth) => {
      if (isRefused || isClosed || watchers.has(folder)) return;
      // Not persistent: one that is still opening when it is closed must not keep the process alive.
      const watcher = watch(folder, { persistent: false, depth, ignoreInitial: true, followSymlinks: false, ignorePermissionErrors: true, ignored: isUninteresting });
      watcher.on("all", (_event, path) => onChange(path));
      // What happened between the last scan and now was announced to nobody.
      watcher.on("ready", () => onChange(folder));
      watcher.on("error", (error) => {
        // One error comes for each folder that cannot be watched (ENOSPC, EMFILE); chokidar itself goes on, blind there.
        if (isRefused) return;
        isRefused = true;
        onRefused(error instanceof Error ? error.message : String(error));
        void close();
      });
      watchers.set(folder, watcher);
    },
    remove: (folder) => {
      const watcher = watchers.get(folder);
      watchers.delete(folder);
      if (watcher !== undefined) void watcher.close();
    },
    close: async () => {
      isClosed = true;
      await close();
    },
  };
}

// chokidar holds one kernel watch per file: what is inside a checkpoint or a repository is never news by itself.
function isUninteresting(path: string): boolean {
  return /\/(?:\.git|node_modules|__pycache__|wandb)(?:\/|$)|\/(?:epoch|step)_\d+\/.|\/\.nightshift\/(?!requests|jobs)[^/]/u.test(path);
}
