import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { JobSeen } from "../../domain/job.ts";
import { parseSbatchScript } from "../../domain/sbatch-script.ts";
import { expandPattern } from "../../domain/sbatch-values.ts";
import { findScript, realPath } from "./find-script.ts";
import type { MergedJob } from "./merge-tasks.ts";

/** Finds out where the jobs of a queue stand in the file system, and remembers it as long as they are in the queue. */
export interface Places {
  find(jobs: readonly MergedJob[]): Promise<readonly JobSeen[]>;
}

export interface PlacesOptions {
  readonly user: string;
  /** `SBATCH_OUTPUT` of the environment that sbatch is run in, which overrules the script. */
  readonly outputPattern?: string | undefined;
}

/** Makes the places of one user's jobs. */
export function jobPlaces({ user, outputPattern }: PlacesOptions): Places {
  let known = new Map<string, Promise<Place>>();
  return {
    find: async (jobs) => {
      const before = known;
      known = new Map();
      return Promise.all(jobs.map(async (merged) => {
        const { command, ...job } = merged;
        const name = JSON.stringify([job.key, job.workFolder, command]);
        const place = known.get(name) ?? before.get(name) ?? findPlace(merged, outputPattern);
        known.set(name, place);
        const { script, workFolder, pattern } = await place;
        const output = pattern === undefined ? undefined : placeOutput(pattern, job, user);
        return { ...job, ...(workFolder === undefined ? {} : { workFolder }), ...(script === undefined ? {} : { script }), ...(output === undefined ? {} : { output }) };
      }));
    },
  };
}

interface Place {
  readonly script?: string;
  readonly workFolder?: string;
  /** Of one of our jobs: where its output goes. */
  readonly pattern?: string;
}

// The paths of our own jobs are as we gave them; those of others may lead through links to where experiments really are.
async function findPlace({ key, workFolder, command }: MergedJob, outputPattern: string | undefined): Promise<Place> {
  if (key !== undefined) {
    const pattern = command === undefined ? undefined : (outputPattern ?? patternOf(command));
    return { ...(workFolder === undefined ? {} : { workFolder }), ...(command === undefined ? {} : { script: command }), ...(pattern === undefined ? {} : { pattern }) };
  }
  const script = command === undefined ? undefined : (await findScript(command.split(" "), workFolder ?? "/") ?? firstWord(resolve(workFolder ?? "/", command), workFolder));
  return { ...(workFolder === undefined ? {} : { workFolder: await realPath(workFolder) }), ...(script === undefined ? {} : { script }) };
}

// squeue shows a script with its arguments; of one that is gone it is what stands before the first space in its name.
function firstWord(command: string, workFolder = ""): string {
  const end = command.indexOf(" ", command.startsWith(`${workFolder}/`) ? workFolder.length : 0);
  return end === -1 ? command : command.slice(0, end);
}

// A copy that is gone, or whose output is named after what nobody knows, has no place for its output that could be told.
function patternOf(script: string): string | undefined {
  try {
    const { options } = parseSbatchScript(readFileSync(script, "utf8"));
    return options.get("output") ?? (options.has("array") ? undefined : "slurm-%j.out");
  } catch {
    return undefined;
  }
}

function placeOutput(pattern: string, { id, name, node, workFolder }: MergedJob, user: string): string | undefined {
  const path = expandPattern(pattern, { jobId: id, jobName: name, user, ...(node === undefined || /[[,]/u.test(node) ? {} : { node }) });
  return /%\d*[A-Za-z]/u.test(path) || workFolder === undefined ? undefined : resolve(workFolder, path);
}
