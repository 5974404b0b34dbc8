import type { Dirent } from "node:fs";

import type { Problem } from "../domain/problem.ts";

/** Whether nightshift itself writes a file or folder of an experiment, so that its change is no news. `path` is relative. */
export function isOwnFile(path: string): boolean {
  return ownFolders.test(path) || documents.test(path) || /(?:^|\/)\.nightshift-[^/]*\.tmp$/u.test(path);
}

const ownFolders = /^(?:\.nightshift|analysis)(?:\/|$)/u;
const documents = /^(?:eval_jobs\.json|summary\.md)$|^(?:logs\/)?(?:(?:run-(?:experiment|torchtune|inspect)|(?:summarize|analyze)-experiment)\.log)$/u;

/**
 * Says that something stands where nightshift writes a document, and is nothing that it writes to: a link, a pipe, a folder
 * in a file's place, another user's log.
 *
 * @param mayWrite Whether this user may write to it; asked of logs alone, since all else is replaced as a whole.
 */
export function whyNotWritten(path: string, entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">, mayWrite: () => boolean): Problem | undefined {
  const isFolder = path === "logs";
  if (!isFolder && !documents.test(path)) return undefined;
  const isLog = path.endsWith(".log");
  if (isLog && entry.isFile() && !mayWrite()) return { severity: "warning", message: "this user may not write to this; the log is at its other place, in logs/ or beside it", file: path };
  if (isFolder ? entry.isDirectory() : entry.isFile()) return undefined;
  const found = entry.isSymbolicLink() ? "a link" : entry.isDirectory() ? "a folder" : isFolder && entry.isFile() ? "a file" : "a pipe or a device";
  const facts = { file: path, expected: isFolder ? "a folder" : "a file", found };
  switch (path) {
    case "eval_jobs.json": case "summary.md": return entry.isDirectory()
      ? { severity: "warning", message: "nightshift cannot write this", ...facts, advice: `Move it away (mv ${path} ${path}.old)` }
      : { severity: "warning", message: "this is replaced when nightshift writes it; what it leads to stays as it is", ...facts };
    case "logs": return { severity: "warning", message: "nightshift writes nothing into this, and its logs stand beside it", ...facts };
    default: return { severity: "warning", message: "nightshift writes nothing into this; the log is at its other place, in logs/ or beside it", ...facts };
  }
}
