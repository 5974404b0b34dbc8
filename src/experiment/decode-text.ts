import type { Problem } from "../domain/problem.ts";

/** Decodes the bytes of a YAML file, which are UTF-8; else says where they are not. */
export function decodeText(bytes: Uint8Array, file: string): { readonly text: string } | { readonly problem: Problem } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const before = new TextDecoder().decode(bytes).split("\uFFFD", 1)[0] ?? "";
    const lines = before.split("\n");
    return {
      problem: {
        severity: "error", message: "this is not UTF-8 text", file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1,
        expected: "UTF-8", ...(isUtf16 ? { found: "UTF-16" } : {}), advice: "Save the file as UTF-8",
      },
    };
  }
}
