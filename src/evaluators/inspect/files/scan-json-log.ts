/** What a byte of a `.json` log can mean to who splits it. */
export type LogEvent = "samples begin" | "sample begins" | "sample ends" | "samples end" | "log ends";

/**
 * Builds a function that is given a `.json` log byte by byte and says where its samples are: the elements of the list
 * that the outermost object has under "samples". All bytes that matter are ASCII, which UTF-8 uses for nothing else.
 */
export function logScanner(): (byte: number) => LogEvent | undefined {
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let isInSamples = false;
  let text = "";
  let key = "";

  function inString(byte: number): undefined {
    if (isEscaped) isEscaped = false;
    else if (byte === backslash) isEscaped = true;
    else if (byte === quote) isInString = false;
    else if (depth === 1 && text.length < 8) text += String.fromCharCode(byte);
  }

  function opened(byte: number): LogEvent | undefined {
    depth += 1;
    if (depth === 2 && byte === bracket && key === "samples") {
      isInSamples = true;
      return "samples begin";
    }
    return isInSamples && depth === 3 ? "sample begins" : undefined;
  }

  function closed(): LogEvent | undefined {
    depth -= 1;
    if (depth === 0) return "log ends";
    if (!isInSamples) return undefined;
    if (depth === 2) return "sample ends";
    if (depth > 1) return undefined;
    isInSamples = false;
    return "samples end";
  }

  return (byte) => {
    if (isInString) return inString(byte);
    switch (byte) {
      case quote:
        isInString = true;
        text = "";
        return undefined;
      case colon:
        if (depth === 1) key = text;
        return undefined;
      case brace: case bracket: return opened(byte);
      case closingBrace: case closingBracket: return closed();
      default: return undefined;
    }
  };
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const brace = 0x7b;
const closingBrace = 0x7d;
const bracket = 0x5b;
const closingBracket = 0x5d;
