import { eventually } from "../support/eventually.ts";
import type { AccountingRow, Cluster } from "./cluster.ts";

/** Waits until accounting tells how every job of an experiment ended: as many as it has to have. Of a job that began more than once, only the last row. */
export async function untilAccounted(cluster: Cluster, experiment: string, count: number): Promise<readonly AccountingRow[]> {
  let rows: readonly AccountingRow[] = [];
  await eventually(async () => {
    const own = (await readAccounting(cluster, experiment)).filter(({ id }) => !id.includes("."));
    rows = own.filter(({ id }, index) => own.findLastIndex((row) => row.id === id) === index);
    return rows.length === count && rows.every(({ name, endedMs }) => name !== "allocation" && endedMs !== undefined);
  }, `accounting to know ${count} jobs of ${experiment}`, 60_000).catch((error: unknown) => {
    throw new Error(`${String(error)}; it knows ${JSON.stringify(rows, undefined, 1)}`);
  });
  return rows;
}

/** What accounting has of an experiment's jobs, each start of a requeued one by itself. */
export async function readAccounting(cluster: Cluster, experiment: string): Promise<readonly AccountingRow[]> {
  return (await cluster.sacct()).filter(({ submitLine }) => submitLine.includes(`${experiment}/.nightshift/`));
}
