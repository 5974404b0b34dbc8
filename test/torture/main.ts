import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { type FieldName, fieldNames } from "./field.ts";
import { hasStrace } from "./kill-point.ts";
import type { Round } from "./plan.ts";
import { renderFailure, renderFigures } from "./render-figures.ts";
import { torture, type TortureResult } from "./torture.ts";

// Kills nightshift over and over while it works, and counts what came of it. Run from the repository, by `npm run torture`.
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "300" },
    scheduler: { type: "string", default: "all" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "60" },
    parallel: { type: "string" },
    port: { type: "string", default: "17500" },
    program: { type: "string", default: "dist/nightshift.js" },
    replay: { type: "string" },
  },
});
if (!hasStrace) fail("the torture needs strace, which is not here");
const replay = values.replay === undefined ? undefined : JSON.parse(readFileSync(values.replay, "utf8")) as { readonly scheduler: FieldName; readonly round: Round };
const schedulers = replay === undefined ? fieldNames.filter((name) => values.scheduler === "all" || values.scheduler === name) : [replay.scheduler];
if (schedulers.length === 0) fail(`--scheduler: expected ${fieldNames.join(", ")} or all, found ${values.scheduler}`);
if (!existsSync(values.program)) fail(`there is no ${values.program}: run npm run build first`);

// Bundled, this stands beside the cluster's script. What is installed already is left as it is.
if (schedulers.some((name) => name !== "local")) execFileSync(join(import.meta.dirname, "cluster.sh"), ["install"], { stdio: "inherit" });
const base = realpathSync(mkdtempSync(join(tmpdir(), "nightshift-torture-")));
// SLURM's, munge's and the database's users go through it.
chmodSync(base, 0o755);
const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stopping.abort());
const results: TortureResult[] = [];
try {
  for (const scheduler of schedulers) results.push(await tortureOn(scheduler));
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  process.stdout.write(`stopped; everything is kept in ${base}\n`);
  process.exit(130);
}
process.stdout.write(`\n${renderFigures(results)}\n`);
const killed = results.map(({ rounds }) => rounds.reduce((sum, { course }) => sum + course.kills.length, 0));
if (replay === undefined && Math.min(...killed) < Number(values.kills)) process.stdout.write(`\nnot all of ${values.kills} kills: the ${values.minutes} minutes of --minutes were over\n`);
const failures = results.flatMap(({ rounds }) => rounds.filter(({ complaints }) => complaints.length > 0));
if (failures.length === 0) rmSync(base, { recursive: true, force: true });
else process.stdout.write(`\n${failures.map(renderFailure).join("\n\n")}\n\nseed ${values.seed}; everything is kept in ${base}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function tortureOn(scheduler: FieldName): Promise<TortureResult> {
  let killed = 0;
  let told = 0;
  return torture({
    scheduler, base: join(base, scheduler), program: resolve(values.program), seed: Number(values.seed), kills: Number(values.kills), mostMs: Number(values.minutes) * 60_000,
    parallel: Number(values.parallel ?? (scheduler === "local" ? 3 : 6)), port: Number(values.port), signal: stopping.signal, ...(replay === undefined ? {} : { replay: replay.round }),
    onRound: (result) => {
      killed += result.course.kills.length;
      if (result.complaints.length > 0) process.stdout.write(`${renderFailure(result)}\n`);
      if (killed >= told + 20) {
        told = killed;
        process.stdout.write(`${scheduler}: ${killed} killed\n`);
      }
    },
  });
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
