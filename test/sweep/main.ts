import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { type Call, calls, hasStrace } from "./kill-point.ts";
import { renderFigures, renderPoint } from "./render-figures.ts";
import { hasFailed, sweep } from "./sweep.ts";
import type { Entry } from "./work-through.ts";

// The long sweep: every rename, fsync, spawn and execve of the first 200. Run from the repository, by `npm run sweep`.
const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "run,watch" },
    calls: { type: "string", default: "rename,fsync,spawn,execve" },
    from: { type: "string", default: "1" },
    to: { type: "string", default: "200" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    parallel: { type: "string", default: "2" },
    runs: { type: "string", default: "3" },
    epochs: { type: "string", default: "2" },
    program: { type: "string", default: "dist/nightshift.js" },
  },
});

if (!hasStrace) {
  process.stderr.write("the sweep needs strace, which is not here\n");
  process.exit(2);
}
let done = 0;
const figures = await sweep({
  program: resolve(values.program),
  entries: values.entries.split(",") as Entry[],
  calls: values.calls.split(",").filter((call): call is Call => (calls as readonly string[]).includes(call)),
  from: Number(values.from), to: Number(values.to), seed: Number(values.seed), parallel: Number(values.parallel),
  ...(values.sample === undefined ? {} : { sample: Number(values.sample) }),
  shape: { runs: Array.from({ length: Number(values.runs) }, (_, index) => `rank${index + 1}`), epochs: Number(values.epochs) },
  onPoint: (result) => {
    done += 1;
    if (hasFailed(result)) process.stdout.write(`${renderPoint(result)}\n`);
    else if (done % 20 === 0) process.stdout.write(`${done} points\n`);
  },
});
process.stdout.write(`${renderFigures(figures)}\n`);
process.exitCode = figures.failures.length === 0 ? 0 : 1;
