/** What `scontrol show config` says that submissions and look-ups depend on. */
export interface SlurmConfig {
  readonly clusterName?: string;
  readonly version?: string;
  readonly hasAccounting: boolean;
  /** How long a request that is on its way can still be accepted: the life of its credential. */
  readonly credentialMs: number;
  readonly messageTimeoutMs: number;
  /** How long squeue shows jobs that are over. */
  readonly minJobAgeMs: number;
}

/**
 * Parses `scontrol show config`: lines `Name   = value`, with `MessageTimeout = 10 sec`, `AuthInfo = socket=/run/x,ttl=15`.
 *
 * A credential lives for munge's default of 300 s where `ttl` is not given (slurm.conf(5), AuthInfo). Undefined for text
 * that is no configuration.
 */
export function parseConfig(text: string): SlurmConfig | undefined {
  const values = new Map([...text.matchAll(/^(?<name>\w+) *= ?(?<value>.*)$/gmu)].map((match) => [match.groups?.["name"] ?? "", match.groups?.["value"]?.trim() ?? ""]));
  if (!values.has("MessageTimeout") && !values.has("SLURM_VERSION")) return undefined;
  const clusterName = textOf(values.get("ClusterName"));
  const version = textOf(values.get("SLURM_VERSION"));
  const ttl = /(?:^|,)ttl=(?<seconds>\d+)/u.exec(values.get("AuthInfo") ?? "")?.groups?.["seconds"];
  return {
    hasAccounting: !/^(?:accounting_storage\/none|\(null\))?$/u.test(values.get("AccountingStorageType") ?? ""),
    credentialMs: Number(ttl ?? "300") * 1000,
    messageTimeoutMs: seconds(values.get("MessageTimeout"), 10),
    minJobAgeMs: seconds(values.get("MinJobAge"), 300),
    ...(clusterName === undefined ? {} : { clusterName }),
    ...(version === undefined ? {} : { version }),
  };
}

function textOf(value: string | undefined): string | undefined {
  return value === undefined || value === "" || value === "(null)" ? undefined : value;
}

function seconds(value: string | undefined, otherwise: number): number {
  const { count } = /^(?<count>\d+)(?: sec.*)?$/u.exec(value ?? "")?.groups ?? {};
  return Number(count ?? otherwise) * 1000;
}
