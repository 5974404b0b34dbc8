import { parseSbatchOptions } from "./sbatch-options.ts";

/** A batch script as `sbatch` reads it. */
export interface SbatchScript {
  /** From the `#!` line. */
  readonly interpreter?: Interpreter;
  /** Whether the interpreter is a shell of the sh family, so that lines of POSIX sh may be inserted. */
  readonly isShell: boolean;
  /** Values of the active directives by long name, the last one of each; flags have the value `""`. */
  readonly options: ReadonlyMap<string, string>;
  /** How many lines stand before the place where lines may be inserted: up to the last directive, at least the `#!` line. */
  readonly headLines: number;
  /** Why `sbatch` refuses the script as a whole, whatever its options are. */
  readonly fault?: string;
}

/** What the kernel starts for a `#!` line: a program and at most one argument. */
export interface Interpreter {
  readonly path: string;
  readonly argument?: string;
}

/**
 * Parses the text of a batch script.
 *
 * Rules of sbatch (src/sbatch/opt.c): a directive is a line that begins with `#SBATCH`; the first line that is neither
 * empty nor a comment ends the search; `#` outside quotes ends a directive, even within a word; the words of all
 * directives make up one argument list for getopt.
 */
export function parseSbatchScript(text: string): SbatchScript {
  const lines = text.split("\n");
  const interpreter = parseInterpreter(lines[0] ?? "");
  const words: string[] = [];
  let headLines = interpreter === undefined ? 0 : 1;
  let unmatchedAt: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith(directiveMark)) {
      const directive = parseWords(line.slice(directiveMark.length));
      words.push(...directive.words);
      if (directive.isUnmatched) unmatchedAt ??= index + 1;
      headLines = index + 1;
    } else if (!/^\s*(?:#|$)/u.test(line)) break;
  }
  const fault = faultOf(text, unmatchedAt);
  return {
    ...(interpreter === undefined ? {} : { interpreter }),
    isShell: interpreter !== undefined && isShell(interpreter),
    options: parseSbatchOptions(words),
    headLines,
    ...(fault === undefined ? {} : { fault }),
  };
}

const directiveMark = "#SBATCH";

// Linux hands everything after the program's path over as one argument.
function parseInterpreter(line: string): Interpreter | undefined {
  const match = /^#![ \t]*(?<path>[^ \t\r]+)[ \t]*(?<argument>.*?)[ \t\r]*$/u.exec(line);
  const { path, argument = "" } = match?.groups ?? {};
  if (path === undefined) return undefined;
  return argument === "" ? { path } : { path, argument };
}

const shells = new Set(["sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "zsh"]);

// `#!/usr/bin/env bash`, `#!/usr/bin/env -S bash -l`, `#!/usr/bin/env FOO=1 bash`, `#!/bin/busybox sh`.
function isShell({ path, argument = "" }: Interpreter): boolean {
  const program = baseName(path);
  if (program !== "env" && program !== "busybox") return shells.has(program);
  const named = argument.split(/\s+/u).find((word) => !word.startsWith("-") && !word.includes("="));
  return named !== undefined && shells.has(baseName(named));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function parseWords(text: string): { readonly words: readonly string[]; readonly isUnmatched: boolean } {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  let isEscaped = false;
  for (const char of text) {
    if (isEscaped) {
      word = (word ?? "") + char;
      isEscaped = false;
    } else if (char === "\\") isEscaped = true;
    else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "#") break;
    else if (/\s/u.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return { words, isUnmatched: quote !== undefined };
}

function faultOf(text: string, unmatchedAt: number | undefined): string | undefined {
  if (text === "") return "Batch script is empty!";
  if (!text.startsWith("#!")) {
    return "This does not look like a batch script: the first line must start with #! followed by the path to an interpreter, for instance #!/bin/sh";
  }
  if (text.includes("\0")) return "Batch script contains a NUL character";
  if (text.includes("\r\n")) return String.raw`Batch script contains DOS line breaks (\r\n) instead of expected UNIX line breaks (\n)`;
  return unmatchedAt === undefined ? undefined : `Unmatched quote in line ${unmatchedAt}`;
}
