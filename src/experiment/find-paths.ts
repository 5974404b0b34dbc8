/** A path as it stands in a script or configuration. */
export interface NamedPath {
  readonly path: string;
  /** Both 1-based. */
  readonly line: number;
  readonly column: number;
}

/** Finds every path in a text that is a given folder or lies under it; comments do not count, directives do. */
export function findPathsUnder(text: string, folder: string): readonly NamedPath[] {
  return findAll(text, new RegExp(`(?<![\\w./~}-])(?<path>${escaped(folder)}(?=$|[/\\s"'\`;|&<>(),:])[^\\s"'\`;|&<>(),]*)`, "dgu"));
}

/** Finds the absolute paths that a script goes to or writes to: `cd`, `mkdir`, redirections, outputs, `--log-dir`. */
export function findWrittenPaths(text: string): readonly NamedPath[] {
  return findAll(text, /(?:^|[\s;&|(])(?:cd|pushd|mkdir(?:\s+-\w+)*|(?:-o|-e|-D|--output|--error|--chdir|--log-dir)[=\s]|[&\d]?>>?)\s*["']?(?<path>\/[^\s"'`;|&<>()$]+)/dgu)
    .filter(({ path }) => !path.startsWith("/dev/"));
}

function findAll(text: string, pattern: RegExp): readonly NamedPath[] {
  return text.split("\n").flatMap((line, index) => {
    if (/^\s*#(?!SBATCH)/u.test(line)) return [];
    return [...line.matchAll(pattern)].map(({ groups, indices }) => ({ path: (groups?.["path"] ?? "").replace(/(?<=.)\/+$/u, ""), line: index + 1, column: (indices?.groups?.["path"]?.[0] ?? 0) + 1 }));
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}
