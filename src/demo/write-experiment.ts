import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { now } from "../system/clock.ts";
import { buildDemoExperiment } from "./build-experiment.ts";
import { demoSize } from "./plan.ts";
import type { DemoSize } from "./plan.ts";

export interface DemoOptions {
  /** Absolute path of the folder where the experiment will stand when its jobs run; by default where it is written. */
  readonly finalFolder?: string;
  /** Absolute path of the Node that runs the jobs: `process.execPath`, which need not be on PATH. */
  readonly node: string;
  /** Absolute path of the bundled job program. */
  readonly program: string;
  readonly seed: number;
  readonly size?: DemoSize;
}

/** Writes the demo's experiment into a folder, ready to be moved to its final place in one piece. */
export async function writeDemoExperiment(folder: string, { finalFolder = folder, node, program, seed, size = demoSize }: DemoOptions): Promise<void> {
  for (const { path, text } of buildDemoExperiment({ finalFolder: resolve(finalFolder), node, program, seed, size, date: now().slice(0, 10) })) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}
