import type { Problem } from "../domain/problem.ts";
import { parseSetting, settingNames, type Settings, spell } from "../domain/settings.ts";
import { complaints } from "./complaints.ts";
import { parseYaml } from "./parse-yaml.ts";
import { shown } from "./shown.ts";

/** What a `nightshift.yaml` sets; what it leaves open is left out. */
export interface ParsedSettings {
  readonly settings: Partial<Settings>;
  readonly problems: readonly Problem[];
}

/**
 * Parses the text of a `nightshift.yaml`: a map of settings such as `settle: 30s`.
 *
 * Every mistake is an error, because a setting that is not heard may mean jobs that nobody wanted.
 */
export function parseSettings(text: string, file: string): ParsedSettings {
  const yaml = parseYaml(text, file);
  const { problems, complain } = complaints(yaml, file);
  if (problems.some(({ severity }) => severity === "error") || yaml.value === null) return { settings: {}, problems };
  if (typeof yaml.value !== "object" || Array.isArray(yaml.value)) {
    complain("error", [], { message: "these are no settings", expected: "lines such as settle: 30s", found: shown(yaml.value) });
    return { settings: {}, problems };
  }
  let settings: Partial<Settings> = {};
  for (const [key, value] of Object.entries(yaml.value as Record<string, unknown>)) {
    const name = settingNames.find((known) => spell(known, "_") === key.replaceAll("-", "_"));
    if (name === undefined) {
      complain("error", [key], { message: "this setting is not known", expected: settingNames.map((known) => spell(known, "_")).join(", "), found: shown(key) });
    } else if (value !== null) {
      const parsed = typeof value === "string" ? parseSetting(name, value.trim()) : parseSetting(name, "");
      if (parsed.kind === "setting") settings = { ...settings, ...parsed.settings };
      else complain("error", [key], { message: `${key} cannot be read`, expected: parsed.expected, found: shown(value) });
    }
  }
  return { settings, problems };
}
