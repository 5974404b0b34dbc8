import type { ReadableLogObject } from "../../domain/log-object.ts";
import { plainText } from "../../domain/plain-text.ts";
import { maskSecrets } from "../../domain/secrets.ts";
import type { JsonObject } from "./log/log-header.ts";

type WritableNumber = ReadableLogObject["metrics"][number]["value"];

/** Makes a number fit for JSON, which has none for NaN and Infinity: those become texts. */
export function writable(value: number): WritableNumber {
  return Number.isFinite(value) ? value : (String(value) as "NaN");
}

/**
 * Makes metadata fit to be written: texts whole, but without escape codes and with secrets masked, also those that only
 * their key tells. What is nested deeper than anybody writes it is a text of three dots: no call stack could follow it.
 */
export function writableMetadata(metadata: JsonObject): ReadableLogObject["metadata"] {
  return writableTree("", metadata, 0) as ReadableLogObject["metadata"];
}

const deepest = 100;

function writableTree(key: string, value: unknown, depth: number): unknown {
  if (typeof value === "number") return writable(value);
  if (typeof value === "string") return writableText(key, value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === deepest) return "...";
  if (Array.isArray(value)) return value.map((one) => writableTree(key, one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [writableText("", name), writableTree(name, one, depth + 1)]));
}

function writableText(key: string, text: string): string {
  const name = key === "" ? "" : `${plainText(key)}: `;
  return maskSecrets(`${name}${plainText(text)}`).slice(name.length);
}
