import ms from "ms";

import type { Problem } from "./problem.ts";
import type { SchedulerName } from "./scheduler.ts";

/** What a person can set, on the command line or in `nightshift.yaml`. */
export interface Settings {
  /** How long nothing may change before an armed experiment begins. */
  readonly settleMs: number;
  /** How often a cluster's scheduler is asked, and folders are scanned. */
  readonly pollMs: number;
  /** Between two trainings; evaluations wait a fifth of it. */
  readonly staggerMs: number;
  readonly evaluateAfter: "run" | "all" | "checkpoint";
  readonly scheduler: "auto" | SchedulerName;
  /** Of the local scheduler: jobs that run at once. */
  readonly maxJobs?: number;
  /** Of a cluster: jobs of this user in the queue, ours and others, beyond which nothing more is submitted. */
  readonly maxSubmit: number;
  /** Free space below which no training is submitted. */
  readonly minFreeBytes: number;
  /** Whether submitted copies of scripts get the lines that claim the job and note its start and end. */
  readonly insertLines: boolean;
}

export const defaultSettings: Settings = { settleMs: 30_000, pollMs: 60_000, staggerMs: 5000, evaluateAfter: "run", scheduler: "auto", maxSubmit: 25, minFreeBytes: 1024 ** 3, insertLines: true };

/** `--evaluate-after` on the command line, `evaluate_after` or `evaluate-after` in `nightshift.yaml`. */
export type SettingName = keyof typeof parsers;

/** A setting that was understood, or what would have been. */
export type ParsedSetting = { readonly kind: "setting"; readonly settings: Partial<Settings> } | { readonly kind: "mistake"; readonly expected: string };

/** Parses the value of a setting as a person writes it. */
export function parseSetting(name: SettingName, text: string): ParsedSetting {
  return parsers[name](text);
}

/** Parses the settings among a command's options, as they were typed. Every mistake is an error. */
export function parseFlags(flags: { readonly [Name in SettingName]?: string | undefined }): { readonly settings: Partial<Settings>; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  let settings: Partial<Settings> = {};
  for (const name of settingNames) {
    const text = flags[name];
    if (text === undefined) continue;
    const parsed = parseSetting(name, text);
    if (parsed.kind === "setting") settings = { ...settings, ...parsed.settings };
    else problems.push({ severity: "error", message: `--${spell(name, "-")} cannot be read`, expected: parsed.expected, found: JSON.stringify(text) });
  }
  return { settings, problems };
}

/** Parses a duration written `500ms`, `30s`, `5m`, `1h` or `1.5h` into milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  // A bare number is milliseconds to `ms`, and seconds to most people: neither is guessed.
  return /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)$/u.test(text) ? Math.round(ms(text as ms.StringValue)) : undefined;
}

/** Parses a size written `500M`, `10G` or `1.5T` into bytes, in powers of 1024 as SLURM does; `undefined` for anything else. */
export function parseSize(text: string): number | undefined {
  const { number, unit = "" } = /^(?<number>\d{1,6}(?:\.\d{1,3})?)(?<unit>[KMGT])$/u.exec(text)?.groups ?? {};
  return number === undefined ? undefined : Math.round(Number(number) * 1024 ** ("KMGT".indexOf(unit) + 1));
}

/** Spells a setting's name with its words apart: `evaluate_after`. */
export function spell(name: SettingName, separator: "-" | "_"): string {
  return name.replace(/[A-Z]/gu, (letter) => separator + letter.toLowerCase());
}

const parsers = {
  settle: (text: string) => setting("settleMs", durationFrom(0, text), "a duration such as 30s, at most 24h"),
  poll: (text: string) => setting("pollMs", durationFrom(100, text), "a duration such as 60s, from 100ms to 24h"),
  stagger: (text: string) => setting("staggerMs", durationFrom(0, text), "a duration such as 5s, at most 24h"),
  evaluateAfter: (text: string) => setting("evaluateAfter", oneOf(["run", "all", "checkpoint"], text), "run, all or checkpoint"),
  scheduler: (text: string) => setting("scheduler", oneOf(["auto", "slurm", "local"], text), "auto, slurm or local"),
  maxJobs: (text: string) => setting("maxJobs", /^[1-9]\d{0,3}$/u.test(text) ? Number(text) : undefined, "a number of jobs from 1 to 9999"),
  maxSubmit: (text: string) => setting("maxSubmit", /^[1-9]\d{0,5}$/u.test(text) ? Number(text) : undefined, "a number of jobs from 1 to 999999"),
  minFree: (text: string) => setting("minFreeBytes", parseSize(text), "a size such as 10G or 500M"),
  insertLines: (text: string) => setting("insertLines", text === "on" ? true : text === "off" ? false : undefined, "on or off"),
};

export const settingNames = Object.keys(parsers) as readonly SettingName[];

function setting<Key extends keyof Settings>(key: Key, value: Settings[Key] | undefined, expected: string): ParsedSetting {
  return value === undefined ? { kind: "mistake", expected } : { kind: "setting", settings: { [key]: value } };
}

function durationFrom(leastMs: number, text: string): number | undefined {
  const duration = parseDuration(text);
  return duration !== undefined && duration >= leastMs && duration <= 24 * 3_600_000 ? duration : undefined;
}

function oneOf<Word extends string>(words: readonly Word[], text: string): Word | undefined {
  return words.find((word) => word === text);
}
