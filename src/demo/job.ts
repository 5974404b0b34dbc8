import { parseArgs } from "node:util";

import { JobFailure } from "./read-job-file.ts";
import { runEvaluation } from "./run-evaluation.ts";
import { runTraining } from "./run-training.ts";

const usage = `Usage: demo-job train --config finetune.yaml
       demo-job evaluate --config eval.yaml [--log-dir ./logs]
`;

/** Runs one of the demo's jobs, and says with what code the program must exit: 0 done, 1 failed, 2 wrong use. */
async function runJob(args: readonly string[]): Promise<number> {
  const { command, config, logFolder } = parseCommandLine(args);
  if (config === undefined || (command !== "train" && command !== "evaluate")) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    if (command === "train") await runTraining(config, print);
    else await runEvaluation(config, logFolder, print);
    return 0;
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    process.stderr.write(`Error: ${error.message}\n`);
    return 1;
  }
}

function parseCommandLine(args: readonly string[]): { readonly command?: string; readonly config?: string; readonly logFolder: string } {
  const options = { config: { type: "string" }, "log-dir": { type: "string", default: "./logs" } } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [command] = positionals;
    return {
      ...(command === undefined ? {} : { command }),
      ...(values.config === undefined ? {} : { config: values.config }),
      logFolder: values["log-dir"],
    };
  } catch {
    return { logFolder: "" };
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

process.exitCode = await runJob(process.argv.slice(2));
