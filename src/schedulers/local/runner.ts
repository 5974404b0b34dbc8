import { runJob } from "./run-job.ts";
import { startRunner } from "./start-runner.ts";
import { takeNext } from "./take.ts";

/**
 * A runner: `node local-runner.js SPOOL`. Takes the oldest job that fits, runs it, and so on until none is left.
 *
 * Each runner runs one job at a time, so killing one loses the watch over one job only. A runner that sees room for
 * another job starts another runner; so the queue drains without the daemon.
 */
const [, runnerPath, spool] = process.argv;
if (runnerPath === undefined || spool === undefined) throw new Error("usage: local-runner.js SPOOL");
for (let next = await takeNext(spool); next !== undefined; next = await takeNext(spool)) {
  if (next.isMoreToDo) startRunner(spool, runnerPath, process.env);
  await runJob(spool, next);
}
