import { basename } from "node:path";

/** A process that submits for some experiment, by what it was started with. */
export interface SubmitterCommand {
  /** `submit_torchtune` or `submit_inspect`. */
  readonly program: string;
  /** What follows the program: options, and the folder of the experiment, absolute or relative to where it was started. */
  readonly words: readonly string[];
}

/**
 * Parses the words of a command, as in `/proc/PID/cmdline`; `undefined` for anything but one of cruijff_kit's submitters.
 *
 * They are started as `python -m cruijff_kit.tools.run.submit_torchtune FOLDER`, or as a file of that name. Shells and
 * editors that only have such words among theirs are none.
 */
export function parseSubmitterCommand([interpreter = "", ...words]: readonly string[]): SubmitterCommand | undefined {
  if (!/^(?:python|pypy)[\d.]*$/u.test(basename(interpreter))) return undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    // Both take what follows as their value, and hide an "m".
    if (/^-[WX]/u.test(word)) {
      if (word.length === 2) index += 1;
      continue;
    }
    const { module } = /^-[a-ln-zA-Z]*m(?<module>.*)$/u.exec(word)?.groups ?? {};
    if (module !== undefined) return module === "" ? submitter(words[index + 1], words.slice(index + 2)) : submitter(module, words.slice(index + 1));
    if (!word.startsWith("-")) return submitter(basename(word).replace(/\.py$/u, ""), words.slice(index + 1));
    if (word.startsWith("-c")) return undefined;
  }
  return undefined;
}

function submitter(module: string | undefined, words: readonly string[]): SubmitterCommand | undefined {
  const program = /(?:^|\.)(?<program>submit_(?:torchtune|inspect))$/u.exec(module ?? "")?.groups?.["program"];
  return program === undefined ? undefined : { program, words };
}
