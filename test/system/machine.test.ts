import { hostname } from "node:os";

import { expect, test } from "vitest";

import { machineOf, parseClusterName } from "../../src/system/machine.ts";

test("this machine's own jobs are on this host", () => expect(machineOf("local")).toBe(`host ${hostname()}`));

test.each([
  ["the usual", "# slurm.conf\nClusterName=della\nSlurmctldHost=della-sched\n", "della"],
  ["another case, spaces and a comment", "  clustername = Della-GPU # since 2024\n", "della-gpu"],
  ["in quotes", 'ClusterName="tiger"', "tiger"],
  ["commented out", "#ClusterName=old\n", undefined],
  ["only part of another word", "MyClusterName=x\n", undefined],
  ["nothing", "", undefined],
])("the cluster's name is parsed: %s", (_what, text, name) => expect(parseClusterName(text)).toBe(name));
