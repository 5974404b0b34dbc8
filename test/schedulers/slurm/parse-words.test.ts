import { describe, expect, test } from "vitest";

import { epochMs } from "../../../src/domain/time.ts";
import { parseConfig } from "../../../src/schedulers/slurm/parse-config.ts";
import { parseKey } from "../../../src/schedulers/slurm/parse-key.ts";
import { parseMark } from "../../../src/schedulers/slurm/parse-mark.ts";
import { parseState } from "../../../src/schedulers/slurm/parse-state.ts";
import { parseTime } from "../../../src/schedulers/slurm/parse-time.ts";

describe("a state", () => {
  test.each([
    ["RUNNING", "RUNNING"],
    ["CANCELLED by 1000", "CANCELLED"],
    ["CANCELLED by 0", "CANCELLED"],
    ["CANCELLED+", "CANCELLED"],
    ["OUT_OF_ME+", "OUT_OF_MEMORY"],
    ["NODE_FA+", "NODE_FAIL"],
    ["COMPLET+", "COMPLET+"],
    ["FA+", "FAILED"],
    ["BABELFISH", "BABELFISH"],
    ["BABEL+", "BABEL+"],
    [" PENDING ", "PENDING"],
    ["", ""],
  ])("%j is %j", (text, state) => {
    expect(parseState(text)).toBe(state);
  });
});

describe("a time", () => {
  test.each([
    ["1795278950", 1_795_278_950_000],
    ["2026-11-21T16:35:50", Date.UTC(2026, 10, 21, 16, 35, 50)],
    ["Unknown", undefined], ["None", undefined], ["N/A", undefined], ["0", undefined], ["", undefined], ["16:35:50", undefined],
  ])("%j", (text, expected) => {
    const time = parseTime(text);
    expect(time === undefined ? undefined : epochMs(time)).toBe(expected);
  });
});

describe("a key", () => {
  test.each([
    ["/exp/.nightshift/jobs/r1-t1-0a1b/finetune.slurm", "r1-t1-0a1b"],
    ["sbatch --parsable /my exp/.nightshift/jobs/k 1/my script.sh", "k 1"],
    ["./../.nightshift/jobs/k1/finetune.slurm arg", "k1"],
    ["sbatch -o /exp/.nightshift/jobs/old/x.out /exp/.nightshift/jobs/new/finetune.slurm", "new"],
    ["/exp/.nightshift/jobs/finetune.slurm", undefined],
    ["/exp/nightshift/jobs/k/finetune.slurm", undefined],
    ["/exp/\n/.nightshift/jobs/k2/x\n", "k2"],
    ["(null)", undefined], ["", undefined],
  ])("in %j is %j", (text, key) => {
    expect(parseKey(text)).toBe(key);
  });
});

describe("the configuration", () => {
  const text = (lines: readonly string[]): string => `Configuration data as of 2026-11-21T16:35:50\n${lines.join("\n")}\n\nSlurmctld(primary) at vm is UP\n`;

  test("of a cluster is read from what scontrol prints", () => {
    const config = parseConfig(text([
      "AccountingStorageType   = accounting_storage/slurmdbd", "AuthInfo                = socket=/run/munge/s,ttl=15", "ClusterName             = testcluster",
      "MessageTimeout          = 30 sec", "MinJobAge               = 120 sec", "SLURM_VERSION           = 22.05.8",
    ]));
    expect(config).toEqual({ hasAccounting: true, credentialMs: 15_000, messageTimeoutMs: 30_000, minJobAgeMs: 120_000, clusterName: "testcluster", version: "22.05.8" });
  });

  test.each([
    [["SLURM_VERSION = 22.05.8"], { hasAccounting: false, credentialMs: 300_000, messageTimeoutMs: 10_000, minJobAgeMs: 300_000, version: "22.05.8" }],
    [["MessageTimeout = 10 sec", "AccountingStorageType   = accounting_storage/none"], { hasAccounting: false }],
    [["MessageTimeout = 10 sec", "AccountingStorageType   = (null)", "AuthInfo                = (null)", "ClusterName ="], { hasAccounting: false, credentialMs: 300_000 }],
    [["MessageTimeout = ten"], { messageTimeoutMs: 10_000 }],
  ])("%j is read with SLURM's defaults for what it lacks", (lines, expected) => {
    expect(parseConfig(text(lines))).toMatchObject(expected);
  });

  test.each(["", "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n", "MinJobAge = 1 sec\n"])("%j is none", (other) => {
    expect(parseConfig(other)).toBeUndefined();
  });
});

describe("the mark of a submitting process", () => {
  const stat = `4711 (sh) S ${Array.from({ length: 18 }, (_, field) => field).join(" ")} 1285461 2654208 401`;

  test.each([
    [`n1\n2e70-b1\n${stat}\n2026-11-21T16:48:54+0000\n`, { host: "n1", bootId: "2e70-b1", pid: 4711, startTicks: "1285461" }],
    [`n1\n2e70-b1\n`, undefined],
    ["withdrawn by ada\n", undefined],
    ["4711\n", undefined],
    ["", undefined],
  ])("%j", (text, expected) => {
    expect(parseMark(text)).toEqual(expected);
  });
});
