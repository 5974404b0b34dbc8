import { valueAt } from "./complaints.ts";

/**
 * Resolves OmegaConf's `${key}` and `${section.key}` in a text, with the keys of the document it stands in.
 *
 * @returns `undefined` where a key is missing, is no text, names itself, or is a resolver (`${oc.env:HOME}`) or relative
 *   (`${.key}`), or where keys name keys that name keys beyond all measure: nothing is guessed.
 */
export function interpolate(text: string, root: unknown): string | undefined {
  return resolve(text, root, 0, { keysLeft: 100 });
}

function resolve(text: string, root: unknown, depth: number, budget: { keysLeft: number }): string | undefined {
  if (depth > 10) return undefined;
  let isResolved = true;
  const result = text.replace(/\$\{([^{}]*)\}/gu, (_whole, key: string) => {
    budget.keysLeft -= 1;
    const value = isResolved && budget.keysLeft >= 0 ? valueAt(root, key.trim().split(".")) : undefined;
    const inner = typeof value === "string" ? resolve(value, root, depth + 1, budget) : undefined;
    if (inner === undefined) isResolved = false;
    return inner ?? "";
  });
  return isResolved && !result.includes("${") ? result : undefined;
}
