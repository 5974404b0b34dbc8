import { Command, CommanderError } from "commander";

import packageFile from "../../package.json" with { type: "json" };
import { describeOutage } from "../system/outage.ts";
import { outliveListeners } from "./listeners.ts";
import { cleanLine, complain } from "./tell.ts";
import { WrongUse } from "./wrong-use.ts";

/** Only what was asked for is loaded, which is most of the time a short command takes. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  "watch": async () => (await import("./watch.ts")).addWatch,
  "run": async () => (await import("./run.ts")).addRun,
  "status": async () => (await import("./status.ts")).addStatus,
  "check": async () => (await import("./check.ts")).addCheck,
  "summarize": async () => (await import("./summarize.ts")).addSummarize,
  "retry|cancel|hold|release": async () => (await import("./steer.ts")).addSteering,
  "recover": async () => (await import("./recover.ts")).addRecover,
  "adopt": async () => (await import("./adopt.ts")).addAdopt,
  "eval-log": async () => (await import("./eval-log.ts")).addEvalLog,
  "demo": async () => (await import("./demo.ts")).addDemo,
};

/** Exit codes of every command: 0 done, 1 the work failed, 2 wrong use or bad input. */
const program = new Command("nightshift")
  .description("Takes the night shift of your fine-tuning experiments: trains, evaluates, summarizes.")
  .version(packageFile.version)
  .showHelpAfterError("(add --help for the options and an example)")
  .exitOverride();
const asked = Object.keys(commands).filter((names) => names.split("|").includes(process.argv[2] ?? ""));
outliveListeners(["watch", "run", "demo"].includes(process.argv[2] ?? ""));
for (const names of asked.length > 0 ? asked : Object.keys(commands)) (await commands[names]?.())?.(program);

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
