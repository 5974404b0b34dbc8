import { valueAt } from "./complaints.ts";

/**
 * Resolves OmegaConf's `${key}` and `${section.key}` in a text, with the keys of the document it stands in.
 *
 * @returns `undefined` where a key is missing, is no text, names itself, or is a resolver (`${oc.env:HOME}`) or relative
 *   (`${.key}`): nothing is guessed.
 */
export function interpolate(text: string, root: unknown, depth = 0): string | undefined {
  if (depth > 10) return undefined;
  let isResolved = true;
  const result = text.replace(/\$\{([^{}]*)\}/gu, (_whole, key: string) => {
    const value = valueAt(root, key.trim().split("."));
    const inner = typeof value === "string" ? interpolate(value, root, depth + 1) : undefined;
    if (inner === undefined) isResolved = false;
    return inner ?? "";
  });
  return isResolved && !result.includes("${") ? result : undefined;
}
