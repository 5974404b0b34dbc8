/** What squeue prints for one job in the adapter's format: the fields by name, in SLURM's own words. */
export function squeueRow(fields: Partial<Record<keyof typeof queueDefaults, string>> = {}): string {
  return `\u001E${Object.values({ ...queueDefaults, ...fields }).join("\u001F")}\u001D\n`;
}

/** What sacct prints for one life of a job in the adapter's format. */
export function sacctRow(fields: Partial<Record<keyof typeof accountingDefaults, string>> = {}): string {
  return `${Object.values({ ...accountingDefaults, ...fields }).join("\u001F\u001E")}\n`;
}

/** The path of a submitted copy. */
export function copyPath(key: string, name = "finetune.slurm"): string {
  return `/exp/.nightshift/jobs/${key}/${name}`;
}

const queueDefaults = {
  id: "12", task: "N/A", state: "RUNNING", reason: "None", submit: "1795278950", start: "1795278951", end: "1795883751", node: "n1",
  name: "job", folder: "/exp/run", command: "(null)",
};

const accountingDefaults = {
  id: "12", own: "12", state: "COMPLETED", exit: "0:0", submit: "1795278950", start: "1795278951", end: "1795278956", node: "n1",
  name: "job", folder: "/exp/run", line: "sbatch job.sh",
};
