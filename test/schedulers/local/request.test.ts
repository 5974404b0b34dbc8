import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { parseSbatchScript } from "../../../src/domain/sbatch-script.ts";
import { buildEnvironment } from "../../../src/schedulers/local/environment.ts";
import { findGpus } from "../../../src/schedulers/local/gpus.ts";
import { parseRequest } from "../../../src/schedulers/local/parse-request.ts";
import { job } from "./jobs.ts";

describe("what a script asks of this machine", () => {
  const ask = (directives: string, gpusHere = 2): ReturnType<typeof parseRequest> => parseRequest(parseSbatchScript(`#!/bin/sh\n#SBATCH ${directives}\n`), gpusHere);

  test("is read from its directives; what only a cluster has is passed over", () => {
    expect(ask("--time=1:00 --gres=gpu:1 -n 2 -c 4 --mem=60G --partition=gpu --account=lab --mail-type=end --constraint=gpu80 --nodes=1-2")).toEqual({
      interpreter: { path: "/bin/sh" }, timeLimitMs: 60_000, gpus: 1, tasks: 2, cpusPerTask: 4,
    });
    expect(ask("--time=0")).toEqual({ interpreter: { path: "/bin/sh" }, gpus: 0, tasks: 1 });
  });

  test.each([
    ["--gres=gpu:3", "asks for 3 GPUs, this machine has 2"],
    ["--gres=gpu:x:y:z", "Invalid generic resource (gres) specification: gpu:x:y:z"],
    ["--time=soon", "Invalid --time specification: soon"],
    ["--dependency=afterok:1", "--dependency needs a SLURM cluster: the local scheduler does not know it"],
    ["-H", "--hold needs a SLURM cluster: the local scheduler does not know it"],
    ["--nodes=2", "asks for 2 nodes, this machine is one"],
  ])("%s is refused", (directives, refusal) => {
    expect(ask(directives)).toEqual({ refusal });
  });

  test("for GPUs where there are none is only noted", () => {
    expect(ask("--gres=gpu:3", 0)).toMatchObject({ gpus: 3 });
  });
});

describe("the GPUs of this machine", () => {
  test.each([["0,1", ["0", "1"]], ["GPU-5a, MIG-7", ["GPU-5a", "MIG-7"]], ["", []], ["-1", []], ["0,-1,1", ["0"]], ["1,1", ["1"]], ["NoDevFiles", []]])("are %j as CUDA sees it: %j", (visible, expected) => {
    expect(findGpus({ CUDA_VISIBLE_DEVICES: visible })).toEqual(expected);
  });

  test("are the devices, where nothing is said", () => {
    const devices = mkdtempSync(join(tmpdir(), "nightshift-dev-"));
    for (const name of ["nvidia10", "nvidia2", "nvidia0", "nvidiactl", "nvidia-uvm", "sda"]) mkdirSync(join(devices, name));
    expect(findGpus({}, devices)).toEqual(["0", "2", "10"]);
    expect(findGpus({}, join(devices, "missing"))).toEqual([]);
    rmSync(devices, { recursive: true });
  });
});

describe("the environment of a job", () => {
  const surroundings = { host: "n1", user: "ada", gpus: ["0", "2"] };

  test("names its GPUs and nothing of a job that nightshift runs in", () => {
    const inherited = { HOME: "/home/ada", SLURM_JOB_ID: "1", SLURM_ARRAY_TASK_ID: "3", SLURMD_X: "1", SBATCH_PARTITION: "gpu", CUDA_VISIBLE_DEVICES: "0,1,2,3" };
    const environment = buildEnvironment(inherited, job(7, { tasks: 2, cpusPerTask: 3 }).job, surroundings);
    expect(environment).toMatchObject({ HOME: "/home/ada", CUDA_VISIBLE_DEVICES: "0,2", SLURM_JOB_GPUS: "0,2", SLURM_GPUS: "2", SLURM_JOB_ID: "7", SLURM_CPUS_PER_TASK: "3", SLURM_CPUS_ON_NODE: "6" });
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(["SLURM_ARRAY_TASK_ID"]));
    expect(environment).not.toHaveProperty("SBATCH_PARTITION");
  });

  test("shows no GPU to a job that asked for none", () => {
    const environment = buildEnvironment({ CUDA_VISIBLE_DEVICES: "0" }, job(7).job, { ...surroundings, gpus: [] });
    expect(environment).toMatchObject({ CUDA_VISIBLE_DEVICES: "" });
    expect(environment).not.toHaveProperty("SLURM_GPUS");
  });
});
