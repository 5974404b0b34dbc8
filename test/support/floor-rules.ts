import { builtinModules } from "node:module";
import { posix } from "node:path";

import { findInCode, importsOf, type Source } from "./sources.ts";

/** A rule of the building: complaints with `file:line`, none where it is kept. */
export type Rule = (sources: readonly Source[]) => readonly string[];

// Lowest first. Rooms on one floor do not know each other.
const floors: readonly (readonly string[])[] = [
  ["src/domain", "src/statistics"],
  ["machines"],
  ["src/rules", "src/report", "src/system"],
  ["src/experiment", "src/state", "src/watch", "src/schedulers", "src/optimizers", "src/evaluators"],
  ["src/daemon"],
  ["src/main.ts", "src/demo"],
  ["src/cli"],
];

// The same input gives the same answer in here: no disk, no network, no clock, no chance.
const pureRooms = ["src/domain", "src/statistics", "machines", "src/rules", "src/report"];
const librariesThatTouchTheWorld = ["chokidar", "commander", "execa", "log-update", "pino"];
const worldlyWords = /\bDate\s*\.\s*now\b|\bnew\s+Date\b(?!\s*\(\s*[^\s)])|(?<!\bnew\s*)(?<![.\w])Date\s*\(|\bMath\s*\.\s*random\b|(?<![.\w])(?:process|performance|crypto|globalThis)\s*[.[]|(?<![.\w])(?:setTimeout|setInterval|setImmediate|fetch)\s*\(|\.(?:getTimezoneOffset|getHours|toLocale\w*)\s*\(/gu;

// What the launcher starts, and what says which version this is.
const ofThePackage = /^(?:dist\/.*|package\.json)$/u;

const adapterRooms = ["src/schedulers", "src/optimizers", "src/evaluators"];

/** A file imports lower floors and its own room, never another room of its own floor, and never a higher one. */
export const importsGoDown: Rule = (sources) => links(sources).flatMap(({ source, target, line }) => {
  const [from, to] = [roomOf(source.path), roomOf(target)];
  if (from?.name === "src/cli" && ofThePackage.test(target)) return [];
  if (from === undefined) return [];
  if (to === undefined) return [`${source.path}:${line}: imports ${target}, which stands on no floor`];
  if (to.name === from.name || to.floor < from.floor) return [];
  return [`${source.path}:${line}: imports ${target} of ${to.name} (floor ${to.floor}), but ${from.name} is on floor ${from.floor}`];
});

/** Every file stands in a room that the table of floors names. */
export const everyFileHasItsFloor: Rule = (sources) =>
  sources.filter(({ path }) => roomOf(path) === undefined).map(({ path }) => `${path}:1: stands on no floor`);

/** An adapter knows the domain and its own library; neither another adapter, nor do the files they share know any of them. */
export const adaptersAreStrangers: Rule = (sources) => links(sources).flatMap(({ source, target, line }) => {
  const [from, to] = [adapterOf(source.path), adapterOf(target)];
  if (to === undefined || from === to || !adapterRooms.some((room) => source.path.startsWith(`${room}/`))) return [];
  return [`${source.path}:${line}: imports ${target}, another adapter`];
});

/** Pure rooms import nothing that reads or changes the world. */
export const pureRoomsImportNothingWorldly: Rule = (sources) => sources.filter(isPure).flatMap((source) =>
  importsOf(source).filter(({ specifier }) => isBuiltin(specifier) || librariesThatTouchTheWorld.includes(specifier))
    .map(({ specifier, line }) => `${source.path}:${line}: imports ${specifier} in a pure room`));

/** Pure rooms ask no clock, no chance, no process and no place on earth. */
export const pureRoomsAskNothing: Rule = (sources) => sources.filter(isPure).flatMap((source) =>
  findInCode(source, worldlyWords).map(({ found, line }) => `${source.path}:${line}: says \`${found}\` in a pure room`));

/** Everything is exported by name, from where it is written. */
export const exportsHaveNames: Rule = (sources) => sources.flatMap((source) => [
  ...findInCode(source, /\bexport\s+default\b|\bas\s+default\b/gu).map(({ line }) => `${source.path}:${line}: exports a default`),
  ...findInCode(source, /^export\s*\*/gmu).map(({ line }) => `${source.path}:${line}: exports another file's names`),
  ...(/(?:^|\/)index\.[cm]?[jt]s$/u.test(source.path) ? [`${source.path}:1: is an index file`] : []),
]);

/** Only the command line speaks to the console. */
export const onlyTheCommandLineSpeaks: Rule = (sources) => sources.filter(({ path }) => !path.startsWith("src/cli/")).flatMap((source) =>
  findInCode(source, /(?<![.\w])console\s*[.[]/gu).map(({ line }) => `${source.path}:${line}: speaks to the console`));

/** All of a command is loaded at its start: the daemon runs for weeks, and a new version may have taken its files away by then. */
export const nothingIsLoadedLate: Rule = (sources) => sources.filter(({ path }) => !path.startsWith("src/cli/")).flatMap((source) =>
  findInCode(source, /(?<![.\w])import\s*\(/gu).map(({ line }) => `${source.path}:${line}: loads something late`));

/** Files are small: none over 300 lines, the median under 100. */
export const filesAreSmall: Rule = (sources) => {
  const sizes = sources.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 })).sort((a, b) => a.lines - b.lines);
  const median = sizes[Math.floor(sizes.length / 2)]?.lines ?? 0;
  const longest = sizes.slice(-5).reverse().map(({ path, lines }) => `${path} ${lines}`).join(", ");
  return [
    ...sizes.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}:${lines}: is ${lines} lines long, more than 300`),
    ...(median < 100 ? [] : [`the median of ${sizes.length} files is ${median} lines, not under 100 (longest: ${longest})`]),
  ];
};

interface Link {
  readonly source: Source;
  /** The imported file, relative to the repository. */
  readonly target: string;
  readonly line: number;
}

function links(sources: readonly Source[]): readonly Link[] {
  return sources.flatMap((source) => importsOf(source).filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier, line }) => ({ source, target: posix.join(posix.dirname(source.path), specifier), line })));
}

function roomOf(path: string): { readonly name: string; readonly floor: number } | undefined {
  const floor = floors.findIndex((rooms) => rooms.some((room) => isIn(room, path)));
  const name = floors[floor]?.find((room) => isIn(room, path));
  return name === undefined ? undefined : { name, floor };
}

function adapterOf(path: string): string | undefined {
  return /^(?:src\/schedulers|src\/optimizers|src\/evaluators)\/[^/]+(?=\/)/u.exec(path)?.[0];
}

function isPure({ path }: Source): boolean {
  return pureRooms.some((room) => isIn(room, path));
}

function isIn(room: string, path: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}
