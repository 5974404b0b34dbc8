import type { Failure } from "../../domain/failure.ts";
import { isGpuMemory, judgeException, parseKillLine, parseMissingProgram, type Sign } from "./failure-signs.ts";

/** What an output has said so far about a failure. */
export interface Failing {
  readonly sign?: Sign;
  /** The traceback that is being read. */
  readonly traceback?: Traceback;
  /** What the line before says about a traceback that follows. */
  readonly next?: "chained" | "harmless";
  /** An exception whose message goes on in the next line. */
  readonly unfinished?: { readonly text: string; readonly traceback: Traceback };
}

/** Where a traceback stands: whether it explains the one before it, and whether anybody dies of it. */
type Traceback = "first" | "chained" | "harmless";

export const noFailure: Failing = {};

/** Takes in one line without its bars. */
export function advanceFailing(failing: Failing, line: string, isTraining: boolean): Failing {
  const text = withoutRank(line);
  const kill = parseKillLine(text);
  if (kill !== undefined) return { ...failing, ...withSign(failing, kill, "first") };
  if (text.includes("Traceback (most recent call last):")) return { ...settled(failing), traceback: failing.next ?? "first" };
  if (failing.unfinished !== undefined) return takeContinuation(failing, failing.unfinished, text);
  if (failing.traceback !== undefined) return takeTraceback(failing, failing.traceback, text);
  const next = whatFollows(text);
  if (next !== undefined) return { ...failing, next };
  const found = isGpuMemory(text) ? judgeException(text) : isTraining ? undefined : parseMissingProgram(text);
  return found === undefined ? failing : { ...failing, ...withSign(failing, found, "first") };
}

/** Training went on: what was seen before, other than a kill, was not its end. */
export function goOn(failing: Failing): Failing {
  return failing.sign === undefined || failing.sign.isSurvivable ? noFailure : { sign: failing.sign };
}

/** The failure that an output tells of, as far as it was read. */
export function failureOf(failing: Failing): Failure | undefined {
  const { sign } = settled(failing);
  return sign === undefined ? undefined : { cause: sign.cause, message: sign.message };
}

// Frames are indented. The exception itself stands at the margin; other processes may write in between.
function takeTraceback(failing: Failing, traceback: Traceback, text: string): Failing {
  if (!exceptionPattern.test(text)) return failing;
  if (text.trimEnd().endsWith(":")) return { ...failing, unfinished: { text: text.trimEnd(), traceback } };
  return withSign(failing, judgeException(text), traceback);
}

function takeContinuation(failing: Failing, { text, traceback }: { text: string; traceback: Traceback }, line: string): Failing {
  // torchrun rules its report off with a line of `=`.
  return /\w/u.test(line) ? withSign(failing, judgeException(`${text} ${line.trim()}`), traceback) : failing;
}

// Of tracebacks in one chain the last one ends the program; of others the first, since what follows is its consequence.
function withSign({ sign }: Failing, found: Sign, traceback: Traceback): Failing {
  if (traceback === "harmless") return sign === undefined ? noFailure : { sign };
  const isStronger = sign === undefined || found.strength > sign.strength || (traceback === "chained" && found.strength === sign.strength);
  return { sign: isStronger ? found : sign };
}

function settled(failing: Failing): Failing {
  const { sign, unfinished } = failing;
  if (unfinished !== undefined) return withSign(failing, judgeException(unfinished.text), unfinished.traceback);
  return sign === undefined ? noFailure : { sign };
}

function whatFollows(text: string): Failing["next"] {
  if (/During handling of the above exception|The above exception was the direct cause/u.test(text)) return "chained";
  return /Exception ignored in|--- Logging error ---|Exception in thread|Error in atexit/u.test(text) ? "harmless" : undefined;
}

// torchrun puts the rank before each line.
function withoutRank(line: string): string {
  return line.replace(/^\[(?:rank|default)\d+\]:(?: |$)/u, "");
}

// `TypeError: ...`, `huggingface_hub.errors.HFValidationError: ...`, `socket.timeout: ...`, and bare `KeyboardInterrupt`.
const exceptionPattern = /^(?:[A-Za-z_]\w*\.)*(?:(?:_*[A-Z]\w*|error|timeout|herror|gaierror):(?:\s|$)|\w*(?:Error|Exception|Interrupt|Exit|Iteration)\s*$)/u;
