import { maskSecrets } from "../../src/domain/secrets.ts";
import { plainLine } from "../../src/domain/plain-text.ts";
import { parseSbatchScript } from "../../src/domain/sbatch-script.ts";
import { expandPattern, parseTimeLimit } from "../../src/domain/sbatch-values.ts";
import { parseDuration, parseSize } from "../../src/domain/settings.ts";
import { parseHeader } from "../../src/evaluators/inspect/log/parse-header.ts";
import { parseJson } from "../../src/evaluators/inspect/log/parse-json.ts";
import { plainText as inspectPlainText } from "../../src/evaluators/inspect/plain-text.ts";
import { findPathsUnder, findWrittenPaths } from "../../src/experiment/find-paths.ts";
import { parseScript } from "../../src/experiment/parse-script.ts";
import { parseSettings } from "../../src/experiment/parse-settings.ts";
import { parseSubmitterCommand } from "../../src/experiment/parse-submitter-command.ts";
import { parseSubmitterState } from "../../src/experiment/parse-submitter-state.ts";
import { parseSummary } from "../../src/experiment/parse-summary.ts";
import { parseTrainingConfig } from "../../src/experiment/parse-training-config.ts";
import { OutputParser } from "../../src/optimizers/torchtune/parse-output.ts";
import { code, escapeMarkdown } from "../../src/report/markdown.ts";
import { parseAnswer } from "../../src/schedulers/parse-records.ts";
import { parseConfig } from "../../src/schedulers/slurm/parse-config.ts";
import { parseSacct } from "../../src/schedulers/slurm/parse-sacct.ts";
import { parseSqueue } from "../../src/schedulers/slurm/parse-squeue.ts";
import { parseSubmission } from "../../src/schedulers/slurm/parse-submission.ts";
import { parseEvalJobs } from "../../src/state/parse-eval-jobs.ts";
import { parseProcessStart } from "../../src/system/process-identity.ts";
import { parseClusterName } from "../../src/system/machine.ts";

// Everything that takes in a text of somebody else's, with how many characters of it: YAML's parser is linear, and slow.
const parsers: Readonly<Record<string, readonly [characters: number, parse: (text: string) => unknown]>> = {
  maskSecrets: [20_000, maskSecrets], plainLine: [20_000, plainLine], code: [20_000, code], escapeMarkdown: [20_000, escapeMarkdown], inspectPlainText: [20_000, inspectPlainText],
  parseScript: [20_000, parseScript], parseSbatchScript: [20_000, parseSbatchScript], findWrittenPaths: [20_000, findWrittenPaths], findPathsUnder: [20_000, (text) => findPathsUnder(text, "/a/b")],
  output: [20_000, (text) => readOutput(text)], traceback: [20_000, (text) => readOutput(`Traceback (most recent call last):\n${text}`)], kill: [20_000, (text) => readOutput(`oom_kill ${text}`)],
  expandPattern: [20_000, (text) => expandPattern(text, { jobId: "1", jobName: "j", user: "u" })], parseTimeLimit: [20_000, parseTimeLimit], parseDuration: [20_000, parseDuration], parseSize: [20_000, parseSize],
  parseSqueue: [20_000, parseSqueue], parseSacct: [20_000, (text) => [parseSacct(text, true), parseSacct(text, false)]], parseConfig: [20_000, parseConfig], parseClusterName: [20_000, parseClusterName],
  parseSubmission: [20_000, (text) => [parseSubmission({ stdout: text, stderr: "", exitCode: 0 }), parseSubmission({ stdout: "", stderr: text, exitCode: 1 })]], parseAnswer: [20_000, parseAnswer],
  parseProcessStart: [20_000, parseProcessStart], parseSubmitterCommand: [20_000, (text) => parseSubmitterCommand(["python3", ...text.split(" ")])],
  parseHeader: [20_000, (text) => orNothing(() => parseHeader(text))], parseEvalJobs: [20_000, parseEvalJobs], parseJson: [20_000, (text) => orNothing(() => parseJson(text))],
  parseSubmitterState: [2000, (text) => parseSubmitterState(text, "f", "scripts")], parseSummary: [4000, (text) => parseSummary(text, { file: "f", folder: "/x/y" })],
  parseSettings: [2000, (text) => parseSettings(text, "f")], parseTrainingConfig: [2000, (text) => parseTrainingConfig(text, "f")],
  question: [20_000, (text) => parseSummary(`experiment: {question: ${JSON.stringify(text)}}\n`, { file: "f", folder: "/x/y" })],
};

const pieces = [
  "a", "A", "0", "_", "a.", "a-", "A_", "0.", "/", "a/", "//", "../", ".", "-", "=", " ", "  \n", "\n", "\r", "\t", "'", '"', '"\\', "\\", "`", "#", "|", "*", "%", "$(", "${", "<", "é", "\u0301",
  "\u001B[", "\u001B]", "\u001B", "\u009B", "\u001D", "\u001E", "\u001F", "\0", "[", "{", "]", "}", "[]", "{}", "[{", "{[", "[1,", '{"a":', "{a: ", "? ", ": ", "a: ", "a:\n", "- ", "&a ", "*a ", "!", "!!", "<<: *a\n", "---\n",
  "cd /", "> /", "mkdir -p ", "mkdir -p -p ", "--log-dir ", "--config ", "#SBATCH ", "\n#SBATCH -o ", "token ", "token=", "token='", "Bearer ", "a://", "a://x:", "a://x:y", "a://x:@", "-eyJ", "eyJaaaaaaaa.", "sk-", "hf_",
  "*** JOB ", "*** JOB 1 ON n CANCELLED AT t DUE TO ", "slurmstepd-", "slurmstepd: error: ", "line 1: 1 ", "task 1: ", "Error: ", "E.", "1|2|Loss: ", "1|2|Loss: 3:", "100%|#", "10/10 [", "NaN,", "9999999999999999,",
];

for (const [name, [characters, parse]] of Object.entries(parsers)) {
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(characters / piece.length)).slice(0, characters);
    // What follows may send a pattern back over all it has matched.
    for (const whole of [text, `${text}\u0000!`]) parse(whole);
  }
  process.stdout.write(`${name}\n`);
}
process.stdout.write(`${Object.keys(parsers).length} parsers, ${pieces.length} pieces\n`);

function readOutput(text: string): unknown {
  const parser = new OutputParser();
  parser.feed(Buffer.from(text));
  return parser.read();
}

function orNothing(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
