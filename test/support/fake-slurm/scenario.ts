/** What goes wrong on a fake cluster: `scenario.json` in its folder, read afresh by every call of every program. */
export interface Scenario {
  /** The first one that fits a call counts. */
  readonly faults?: readonly Fault[];
  readonly views?: readonly View[];
  /** Rows of jobs that others have in the queue. */
  readonly others?: { readonly count: number; readonly uid: number };
  /** Lines of `scontrol show config` that differ from the fake's own. */
  readonly config?: Readonly<Record<string, string>>;
}

export const programNames = ["sbatch", "squeue", "sacct", "scancel", "scontrol"] as const;
export type ProgramName = (typeof programNames)[number];

/** How a call of a program goes wrong. What is not said goes as usual. */
export interface Fault {
  readonly program: ProgramName;
  /** Which of the program's calls it is about, counted from 1; all of them where it is not said. */
  readonly calls?: readonly [from: number, to: number];
  /** It lasts as long as there is no such file. */
  readonly until?: string;
  /** Nothing is done: the request never arrives. */
  readonly isDeaf?: boolean;
  /** Of sbatch: the request is on its way until there is such a file, and arrives then, whatever has become of sbatch. */
  readonly arrivesWith?: string;
  /** Of sbatch: the job waits in the queue until `scontrol release`. */
  readonly isHeld?: boolean;
  /** Of sbatch: the controller takes the request twice, and the first of the two jobs, whose id is told, waits in the queue. */
  readonly isTwice?: boolean;
  /** After its work it answers only once there is such a file. */
  readonly answersWith?: string;
  /** Printed in place of the program's own words. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Printed before and after the program's own words on standard output. */
  readonly before?: string;
  readonly after?: string;
  /** How much of its words is printed before it stops. */
  readonly cutAfter?: number;
  readonly exitCode?: number;
  /** It kills itself after its work, before it says a word. */
  readonly dies?: boolean;
}

/** How squeue or sacct shows a job, where that is not how it is. */
export interface View {
  readonly program: "squeue" | "sacct";
  readonly job: string;
  /** In place of its own row: each is that row with changes. None hides it. */
  readonly rows: readonly Partial<Row>[];
  /** It lasts as long as there is no such file. */
  readonly until?: string;
}

/** One row of squeue or sacct. Times are seconds since 1970; `null` takes a time away. */
export interface Row {
  readonly id: string;
  /** Of a job array's task. */
  readonly task?: string;
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly uid: number;
  readonly partition: string;
  readonly submit: number;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly code: number;
  readonly signal: number;
  readonly node: string;
  readonly workFolder: string;
  /** The script as it was given, and the whole command line. */
  readonly command: string;
  readonly submitLine: string;
}
