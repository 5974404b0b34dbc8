import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach } from "vitest";

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Makes a temporary folder with files in it, by relative path; a path that ends in `/` is an empty folder. Gone after the test. */
export function tempTree(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-experiment-")));
  made.push(root);
  addFiles(root, files);
  return root;
}

/** Writes files into a folder, by relative path. */
export function addFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(path.endsWith("/") ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(join(root, path), content);
  }
}

/** Copies an experiment of the fixtures into a temporary folder of its own, under its own name. */
export function copyOfFixture(name: string): string {
  const folder = join(tempTree(), name);
  cpSync(fixture(name), folder, { recursive: true });
  return folder;
}

/** The path of an experiment of the fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/experiments/${name}`, import.meta.url));
}

/** The path of something in the folder of recorded data beside the repository, which not every machine has. */
export function recorded(path: string): string {
  return fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));
}
