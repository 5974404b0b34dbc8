import { Command, CommanderError } from "commander";

import packageFile from "../../package.json" with { type: "json" };
import { describeOutage } from "../system/outage.ts";
import { addAdopt } from "./adopt.ts";
import { addCheck } from "./check.ts";
import { addDemo } from "./demo.ts";
import { addEvalLog } from "./eval-log.ts";
import { addRecover } from "./recover.ts";
import { addRun } from "./run.ts";
import { addStatus } from "./status.ts";
import { addSteering } from "./steer.ts";
import { addSummarize } from "./summarize.ts";
import { cleanLine, complain } from "./tell.ts";
import { addWatch } from "./watch.ts";
import { WrongUse } from "./wrong-use.ts";

/** Exit codes of every command: 0 done, 1 the work failed, 2 wrong use or bad input. */
const program = new Command("nightshift")
  .description("Takes the night shift of your fine-tuning experiments: trains, evaluates, summarizes.")
  .version(packageFile.version)
  .showHelpAfterError("(add --help for the options and an example)")
  .exitOverride();
for (const add of [addWatch, addRun, addStatus, addCheck, addSummarize, addSteering, addRecover, addAdopt, addEvalLog, addDemo]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof WrongUse) {
    complain(`nightshift: ${error.lines.map(cleanLine).join("\n")}`);
    process.exitCode = 2;
  } else {
    const outage = describeOutage(error);
    if (outage === undefined) throw error;
    complain(`nightshift: ${outage}`);
    process.exitCode = 1;
  }
}

// A submission that is still on its way goes on by itself, and must not keep this process from its end.
setTimeout(() => process.exit(), 1000).unref();
