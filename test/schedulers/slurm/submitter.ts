import { slurmScheduler } from "../../../src/schedulers/slurm/slurm.ts";

// A program that submits one job and says what came of it: a daemon in one line, to be killed meanwhile.
const [, , experimentFolder = "", script = ""] = process.argv;
const scheduler = slurmScheduler({ maxSubmit: 25, minFreeBytes: 0, pollMs: 1000 });
const answer = await scheduler.submit({ key: "outlive", kind: "training", experimentFolder, script, submitFolder: experimentFolder });
process.stdout.write(`${JSON.stringify(answer)}\n`);
