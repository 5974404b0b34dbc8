/**
 * Builds the key of one submission: readable, unique, and safe as a folder's name.
 *
 * @param parts Run, task and epoch as far as they exist, then the attempt's number.
 * @param nonce Eight hex digits that differ from pass to pass.
 */
export function buildKey(parts: readonly (string | number)[], nonce: string): string {
  const readable = parts.join("-").replace(/[^A-Za-z0-9._-]+/gu, "_").replace(/^[.-]+/u, "").slice(0, 80);
  return `${readable}-${nonce}`;
}
