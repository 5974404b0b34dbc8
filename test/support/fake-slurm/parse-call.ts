/** A call of one of the cluster's programs, as its client sent it. */
export interface Call {
  readonly name: string;
  /** The folder it was made from. */
  readonly folder: string;
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** What a program did: what it prints, and its exit code. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * Parses what a client sends, each field ended by a zero byte: name, folder, number of parameters, parameters, the
 * environment, and an empty field for the end of that. Undefined as long as not all of it is there.
 */
export function parseCall(text: string): Call | undefined {
  const fields = text.split("\0");
  const [name = "", folder = "", count] = fields;
  const begin = 3 + Number(count);
  const end = count === undefined ? -1 : fields.indexOf("", begin);
  if (end === -1 || end >= fields.length - 1) return undefined;
  const environment = fields.slice(begin, end).map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const);
  return { name, folder, parameters: fields.slice(3, begin), environment: Object.fromEntries(environment) };
}
