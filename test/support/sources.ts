import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One file of the program's own text. */
export interface Source {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

const root = join(import.meta.dirname, "../..");

/** Reads everything in `src` and `machines` that Node runs. */
export function readSources(): readonly Source[] {
  return ["src", "machines"].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]s$/u.test(name)).sort()
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), "utf8") })));
}

export interface Import {
  readonly specifier: string;
  /** What is imported besides types; `*` and the like where it is the module as a whole. */
  readonly values: readonly string[];
  /** 1-based. */
  readonly line: number;
}

/** Lists what a file imports or exports again, statically or not. */
export function importsOf({ text }: Source): readonly Import[] {
  const code = codeOf(text);
  const statements = /^[ \t]*(?:import|export)\b(?<what>[^"'`;]*?\bfrom)?\s*["'](?<from>[^"'\n]+)["']|\bimport\s*\(\s*["'](?<called>[^"'\n]+)["']/gmu;
  return [...text.matchAll(statements)].flatMap(({ index, 0: statement, groups }) => {
    const start = index + statement.search(/\S/u);
    // Blank in the code: it stands in a comment, or in a program that this one writes.
    if (code.charAt(start) === " ") return [];
    return [{ specifier: groups?.["from"] ?? groups?.["called"] ?? "", values: valuesOf(groups?.["what"] ?? "*"), line: lineAt(text, index + statement.length) }];
  });
}

/** Finds a pattern in a file's code, never in its comments and texts. */
export function findInCode({ text }: Source, pattern: RegExp): readonly { readonly found: string; readonly line: number }[] {
  // Most files do not even hold the words, and need not be taken apart.
  if (text.search(pattern) === -1) return [];
  return [...codeOf(text).matchAll(pattern)].map(({ 0: found, index }) => ({ found: found.trim(), line: lineAt(text, index + found.search(/\S/u)) }));
}

const literal = /\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/uy;
const slashed = /\/\/.*|\/\*[\s\S]*?\*\/|\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/uy;
const templatePart = /[`}](?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/uy;

/**
 * Blanks comments and texts, keeping every line and column. Half a lexer of our own: TypeScript 7 has no parser to
 * call, and the others in reach know no types.
 */
export function codeOf(text: string): string {
  // For each template that is open: how many braces are open in the expression that is being read.
  const templates: number[] = [];
  let code = "";
  while (code.length < text.length) {
    const next = text.charAt(code.length);
    const isTemplate = next === "`" || (next === "}" && templates.at(-1) === 0);
    const pattern = isTemplate ? templatePart : next === "/" && isPlaceForRegularExpression(code) ? slashed : literal;
    const token = match(pattern, text, code.length);
    if (isTemplate && next === "}") templates.pop();
    if (isTemplate && token?.endsWith("${") === true) templates.push(0);
    if (token === undefined && templates.length > 0) templates.push((templates.pop() ?? 0) + (next === "{" ? 1 : next === "}" ? -1 : 0));
    // One blank for each code unit, so that places stay what they are.
    code += token?.replaceAll(/[^\n]/g, " ") ?? next;
  }
  return code;
}

// A slash begins a regular expression where no value has just ended.
function isPlaceForRegularExpression(code: string): boolean {
  return /(?:^|[=(,:[!&|?{};>]|\breturn)\s*$/u.test(code.slice(-80));
}

function match(pattern: RegExp, text: string, index: number): string | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}

function valuesOf(clause: string): string[] {
  if (/^\s*type\b/u.test(clause)) return [];
  return clause.replace(/\bfrom$/u, "").replaceAll(/[{}]/gu, "").split(",").map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
