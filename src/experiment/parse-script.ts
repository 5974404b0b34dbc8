import { dirname, join } from "node:path";

import { parseSbatchScript } from "../domain/sbatch-script.ts";

/** What a batch script says about places. Folders are as written: absolute, or relative to the submission folder. */
export interface ScriptWords {
  /** `#SBATCH --job-name`. */
  readonly jobName?: string;
  /** Where `#SBATCH --output` puts the job's output. */
  readonly outputFolder?: string;
  /** The `--log-dir` of `inspect eval`. */
  readonly logDir?: string;
  /** Whether the script trains with the `finetune.yaml` beside it. */
  readonly needsConfig: boolean;
  /** Why `sbatch` would refuse it. */
  readonly fault?: string;
}

/** Parses the text of a batch script. What depends on variables of the shell is left out. */
export function parseScript(text: string): ScriptWords {
  const { options, fault } = parseSbatchScript(text);
  const commands = text.split("\n").filter((line) => !/^\s*#/u.test(line)).join("\n");
  const logDir = wordAfter(/--log-dir[=\s]+/u, commands);
  const outputFolder = folderOf(options.get("output"), options.get("chdir"));
  const jobName = options.get("job-name");
  return {
    ...(jobName === undefined ? {} : { jobName }),
    ...(outputFolder === undefined ? {} : { outputFolder }),
    ...(logDir === undefined ? {} : { logDir }),
    needsConfig: wordAfter(/--config[=\s]+/u, commands)?.replace(/^\.\//u, "") === "finetune.yaml",
    ...(fault === undefined ? {} : { fault }),
  };
}

// Of `logs/%x/slurm-%j.out` only `logs` is certain before the job has an id.
function folderOf(output: string | undefined, chdir: string | undefined): string | undefined {
  if (output === undefined || output === "") return undefined;
  const parts = dirname(output).split("/");
  const unknown = parts.findIndex((part) => part.replaceAll("%%", "").includes("%"));
  const folder = (unknown === -1 ? parts : parts.slice(0, unknown)).join("/").replaceAll("%%", "%");
  return output.startsWith("/") || chdir === undefined ? folder || "/" : join(chdir, folder);
}

function wordAfter(option: RegExp, commands: string): string | undefined {
  const match = new RegExp(`${option.source}(?:"([^"\\n]*)"|'([^'\\n]*)'|([^\\s"';|&\\\\]+))`, "u").exec(commands);
  const word = match?.[1] ?? match?.[2] ?? match?.[3];
  return word === undefined || word === "" || /[$`*?]/u.test(word) ? undefined : word;
}
