import { localScheduler } from "../../../src/schedulers/local/local.ts";

// A program that submits one job, says so, and then stays until it is killed: a daemon in one line.
const [, , stateFolder = "", runnerPath = "", experimentFolder = "", script = ""] = process.argv;
const scheduler = localScheduler({ stateFolder, runnerPath, gpus: [], maxJobs: 1 });
const answer = await scheduler.submit({ key: "outlive", kind: "training", experimentFolder, script, submitFolder: experimentFolder });
process.stdout.write(`${JSON.stringify(answer)}\n`);
setInterval(() => undefined, 60_000);
