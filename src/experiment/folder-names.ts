import { plainText } from "../domain/plain-text.ts";
import { isOwnFile } from "./own-files.ts";

/** Why a name from a file cannot name a folder of an experiment, as the end of a sentence; `undefined` when it can. */
export function whyNoFolderName(name: string): string | undefined {
  if (name.trim() === "") return "is empty";
  if (name === "." || name === "..") return "leads to another folder";
  if (name.includes("/")) return "contains a slash, so it would be a folder inside another";
  if (/\p{Cc}/u.test(name)) return "contains a line break or another control character";
  if (plainText(name) !== name) return "contains a mark that turns text around, so that it would be shown as another name";
  if (name.startsWith("-")) return "begins with a dash, so that commands would take it for an option";
  if (new TextEncoder().encode(name).length > 200) return "is longer than file systems allow once an epoch and an ending are added";
  if (reserved.has(name) || isOwnFile(name) || name in Object.prototype) return "is taken by something else";
  return undefined;
}

const reserved = new Set([".git", "logs", "experiment_summary.yaml", "nightshift.yaml"]);
