import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { readPlainText } from "./read-file.ts";

/**
 * The commit that is checked out where a folder lies, or `undefined` outside of git.
 *
 * Read from git's own files (gitrepository-layout(5)): starting git for every pass would cost more than the pass.
 */
export function readGitCommit(folder: string): string | undefined {
  for (let here = folder; ; here = dirname(here)) {
    const gitFolder = gitFolderIn(here);
    if (gitFolder !== undefined) return commitIn(gitFolder);
    if (dirname(here) === here) return undefined;
  }
}

function gitFolderIn(folder: string): string | undefined {
  const path = join(folder, ".git");
  try {
    if (statSync(path).isDirectory()) return path;
    // A worktree or a submodule: a file that names the folder.
    const named = /^gitdir: (.+)$/mu.exec(readPlainText(path))?.[1];
    return named === undefined ? undefined : resolve(folder, named);
  } catch {
    return undefined;
  }
}

function commitIn(gitFolder: string): string | undefined {
  const head = read(join(gitFolder, "HEAD"))?.trim();
  const ref = head?.startsWith("ref: ") === true ? head.slice(5) : undefined;
  if (ref === undefined) return head !== undefined && isCommit(head) ? head : undefined;
  const common = read(join(gitFolder, "commondir"))?.trim();
  const shared = common === undefined ? gitFolder : resolve(gitFolder, common);
  const loose = (read(join(gitFolder, ref)) ?? read(join(shared, ref)))?.trim();
  if (loose !== undefined && isCommit(loose)) return loose;
  const packed = read(join(shared, "packed-refs"))?.split("\n").find((line) => line.endsWith(` ${ref}`))?.split(" ", 1)[0];
  return packed !== undefined && isCommit(packed) ? packed : undefined;
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40,64}$/u.test(text);
}

function read(path: string): string | undefined {
  try {
    return readPlainText(path);
  } catch {
    return undefined;
  }
}
