import { createInterface } from "node:readline/promises";

import { WrongUse } from "./wrong-use.ts";

/**
 * Asks a person on the terminal whether to go on. Where there is none to ask, `--yes` must have been said.
 *
 * @param command What to type where nobody can be asked.
 */
export async function confirm(question: string, isSaid: boolean, command: string): Promise<boolean> {
  if (isSaid) return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new WrongUse(`nothing was written, since nobody can be asked here. To write it: ${command}`);
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => { prompt.once("close", () => resolve("")); });
  // Ctrl-C is a no as well; without this the question would stay open.
  prompt.once("SIGINT", () => prompt.close());
  const answer = await Promise.race([prompt.question(`${question} [y/N] `), closed]);
  prompt.close();
  return /^y(?:es)?$/iu.test(answer.trim());
}
