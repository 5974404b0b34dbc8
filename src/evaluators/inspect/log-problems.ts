import { type Evaluation, evaluationTitle } from "../../domain/experiment.ts";
import type { Problem } from "../../domain/problem.ts";
import type { Damage } from "./damage.ts";
import type { LogContents } from "./log-contents.ts";
import { epochsNamed, type NamedEpoch } from "./log-epoch.ts";
import { plainText } from "./plain-text.ts";

/** A log that is there and of no use. */
export function unreadableLog(file: string, { message, expected, found }: Damage): Problem {
  return {
    severity: "error",
    message: `the evaluation log cannot be read: it ${plainText(message)}`,
    file,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found: plainText(found) }),
    advice: "Evaluate again, or remove the file",
  };
}

/** A folder that logs are expected in and that cannot be looked into. */
export function unreadableFolder(folder: string, code: string): Problem {
  return { severity: "error", message: `the folder of evaluation logs is not accessible (${code})`, file: folder };
}

/** A log in a shared folder that fits several evaluations equally well. */
export function ambiguousLog(file: string, evaluations: readonly Evaluation[]): Problem {
  return {
    severity: "warning",
    message: "the evaluation log is left out, because it does not tell which evaluation it is of",
    file,
    found: `the same for ${evaluations.map(evaluationTitle).join(", ")}`,
    advice: "Record the epoch with --metadata epoch=N, or give each evaluation a log folder of its own",
  };
}

/** What is odd about a log that counts all the same. */
export function oddities(file: string, contents: LogContents, { epoch }: Evaluation): readonly Problem[] {
  const epochs = epochsNamed(contents.header);
  const isElsewhere = epoch !== null && epochs.some(({ value }) => value !== epoch);
  return [
    ...(isElsewhere ? [oddLog(file, "names another epoch than that of its evaluation", { expected: `epoch ${epoch}`, found: describeEpochs(epochs) })] : []),
    ...oddClauses(contents).map((clause) => oddLog(file, clause)),
  ];
}

/** What is odd about a log by itself: clauses that follow its name. */
export function oddClauses({ header, warnings }: LogContents): readonly string[] {
  return [
    ...(header.invalidated ? ["was marked as invalid, at least in part; its results were not computed anew"] : []),
    ...(header.configChanges.length > 0 ? [`is of an evaluation whose configuration was changed while it ran: ${header.configChanges.join(", ")}`] : []),
    ...warnings,
  ].map((clause) => plainText(clause));
}

function describeEpochs(epochs: readonly NamedEpoch[]): string {
  return epochs.map(({ value, source }) => `epoch ${value} (${plainText(source)})`).join(", ");
}

function oddLog(file: string, clause: string, facts: Pick<Problem, "expected" | "found"> = {}): Problem {
  return { severity: "warning", message: `the evaluation log ${clause}`, file, ...facts };
}
