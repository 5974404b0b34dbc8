/**
 * Builds the key of one submission: readable, unique, and safe as a folder's name.
 *
 * All keys of one pass share its nonce, and the readable part may be the same for two units: it is cut short, and joined
 * names can be read in two ways (run `a-b`; task `b` of run `a`). The mark of the exact parts tells them apart.
 *
 * @param parts Run, task and epoch as far as they exist, then the attempt's number.
 * @param nonce Eight hex digits that differ from pass to pass.
 */
export function buildKey(parts: readonly (string | number)[], nonce: string): string {
  const readable = parts.join("-").replace(/[^A-Za-z0-9._-]+/gu, "_").replace(/^[.-]+/u, "").slice(0, 80);
  return `${readable}-${nonce}${markOf(JSON.stringify(parts))}`;
}

/** Eight hex digits of a text: FNV-1a, which needs no node:crypto. */
function markOf(text: string): string {
  let hash = 0x811c_9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
