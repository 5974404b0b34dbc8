import { artefactRows } from "./artefacts.ts";
import { clockRows } from "./clocks.ts";
import { daemonRows } from "./daemons.ts";
import { diskRows } from "./disks.ts";
import { folderRows } from "./folders.ts";
import { peopleRows } from "./people.ts";
import type { Row } from "./row.ts";
import { sacctRows } from "./sacct.ts";
import { sbatchRows } from "./sbatch.ts";
import { squeueRows } from "./squeue.ts";

export interface Topic {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** All faults, by what they strike. */
export const topics: readonly Topic[] = [
  { title: "Submissions", rows: sbatchRows },
  { title: "The queue", rows: squeueRows },
  { title: "Accounting", rows: sacctRows },
  { title: "What jobs leave on disk", rows: artefactRows },
  { title: "Full disks, quotas, permissions, credentials", rows: diskRows },
  { title: "Several nightshifts, kill -9, sleep, reboot", rows: daemonRows },
  { title: "Folders and the state in them", rows: folderRows },
  { title: "People who edit while jobs run", rows: peopleRows },
  { title: "Clocks", rows: clockRows },
];
