import { maskSecrets } from "./secrets.ts";

/**
 * Takes terminal escape sequences, control characters and direction marks out of a text that somebody else wrote.
 *
 * Line breaks of every kind become `\n`; tabs stay. Written out here because pure code may not import node:util, whose
 * `stripVTControlCharacters` also leaves bare control characters and direction marks in place.
 */
export function plainText(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/gu, "\n")
    .replace(stringSequence, "")
    .replace(controlSequence, "")
    .replace(otherEscape, "")
    .replace(controlCharacter, "")
    .replace(directionMark, "");
}

/** Makes one line of a text that somebody else wrote: plain, line breaks written as `\n`, secrets masked, at most `maxLength` characters. */
export function plainLine(text: string, maxLength = 1000): string {
  // The mask comes before the cut, or half a secret would get through.
  const line = maskSecrets(plainText(text).trim().replaceAll("\n", "\\n").replaceAll("\t", " "));
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).trimEnd()}…`;
}

// OSC, DCS, SOS, PM and APC with their text. One that is never ended takes no more than its own line with it.
const stringSequence = /(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C\n]*(?:\u0007|\u001B\\|\u009C)?/gu;
const controlSequence = /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?/gu;
const otherEscape = /\u001B[ -/]*[0-~]?/gu;
const controlCharacter = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/gu;
const directionMark = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
