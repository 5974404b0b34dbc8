import { z } from "zod";

import { check, type Complain } from "./complaints.ts";
import { shown } from "./shown.ts";

/**
 * Finds the tool that prepares or evaluates in the `tools` section, by the name its adapter has.
 *
 * Without a section, or without a word in it, torchtune and inspect-ai are meant: older files have none.
 */
export function parseTool(purpose: "preparation" | "evaluation", section: unknown, complain: Complain): string {
  const { usual, spellings } = tools[purpose];
  const shape = z.looseObject({ [purpose]: z.string({ error: "a tool's name" }).nullish() }, { error: `a map such as {${purpose}: ${usual}}` }).nullish();
  const written = check(shape, section, ["tools"], complain)?.[purpose];
  if (typeof written !== "string" || written.trim() === "") return usual;
  if (!spellings.includes(written.trim().toLowerCase().replaceAll("_", "-"))) {
    complain("error", ["tools", purpose], { message: `nightshift does not know this tool for ${purpose}`, expected: `"${usual}"`, found: shown(written) });
  }
  return usual;
}

const tools: Readonly<Record<"preparation" | "evaluation", { readonly usual: string; readonly spellings: readonly string[] }>> = {
  preparation: { usual: "torchtune", spellings: ["torchtune"] },
  evaluation: { usual: "inspect-ai", spellings: ["inspect-ai", "inspect"] },
};
