import { join, relative, resolve } from "node:path";

import type { Problem } from "../domain/problem.ts";
import { defaultSettings, type Settings } from "../domain/settings.ts";
import { decodeText } from "./decode-text.ts";
import { type DesignContent, readDesignFile } from "./design-files.ts";
import { memoized } from "./memoized.ts";
import { type ParsedSettings, parseSettings } from "./parse-settings.ts";
import { isInside } from "./paths.ts";

export interface SettingsSources {
  /** The watched folders; those around the experiment count. */
  readonly roots?: readonly string[];
  /** From the command line. */
  readonly flags?: Partial<Settings>;
}

/**
 * Reads the settings that hold for an experiment: of the command line, else its own `nightshift.yaml`, else the watched
 * folder's, else the defaults.
 */
export async function readSettings(folder: string, { roots = [], flags = {} }: SettingsSources = {}): Promise<{ readonly settings: Settings; readonly problems: readonly Problem[] }> {
  const own = resolve(folder);
  const around = roots.map((root) => resolve(root)).filter((root) => isInside(own, root)).toSorted((a, b) => a.length - b.length);
  const parsed = await Promise.all([...new Set([...around, own])].map(async (each) => await readOne(join(each, "nightshift.yaml"), own)));
  return {
    settings: Object.assign({}, defaultSettings, ...parsed.map(({ settings }) => settings), flags) as Settings,
    problems: parsed.flatMap(({ problems }) => problems),
  };
}

async function readOne(path: string, own: string): Promise<ParsedSettings> {
  const content = await readDesignFile(path);
  return content === undefined ? { settings: {}, problems: [] } : understand(content, isInside(path, own) ? relative(own, path) : path);
}

const understand = memoized(({ bytes, fault = "cannot be read" }: DesignContent, file: string): ParsedSettings => {
  if (bytes === undefined) return { settings: {}, problems: [{ severity: "error", message: `the settings' file ${fault}`, file }] };
  const decoded = decodeText(bytes, file);
  return "problem" in decoded ? { settings: {}, problems: [decoded.problem] } : parseSettings(decoded.text, file);
});
