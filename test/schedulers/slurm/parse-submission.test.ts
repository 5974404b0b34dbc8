import { describe, expect, test } from "vitest";

import { parseSubmission, parseSubmittedId } from "../../../src/schedulers/slurm/parse-submission.ts";

const failed = "sbatch: error: Batch job submission failed: ";

describe("the id of a new job", () => {
  test.each([
    ["2\n", "2"],
    ["3;testcluster\n", "3"],
    ["Submitted batch job 45\n", "45"],
    ["Submitted batch job 45 on cluster della\n", "45"],
    ["--- Welcome to della, 3 jobs are yours ---\n67043328\nHave a nice day\n", "67043328"],
    ["\r\n12\r\n", "12"],
    ["12\n12\n", "12"],
    ["12\n13\n", undefined],
    ["job 12\n", undefined],
    ["12 jobs\n", undefined],
    ["0\n", undefined],
    ["-5\n", undefined],
    ["12;\n", undefined],
    ["", undefined],
  ])("in %j is %j", (stdout, id) => {
    expect(parseSubmittedId(stdout)).toBe(id);
  });
});

describe("what sbatch said", () => {
  test.each([
    [{ stdout: "12\n" }, { kind: "accepted", id: "12" }],
    [{ stdout: "12\n", stderr: "sbatch: warning: can't honor --ntasks-per-node\n" }, { kind: "accepted", id: "12" }],
    [{ stdout: "12\n", exitCode: undefined, signal: "SIGKILL", timedOutMs: 180_000 }, { kind: "accepted", id: "12" }],
    [{ stdout: "" }, { kind: "unclear", reason: "sbatch ended well but gave no job id" }],
    [{ stdout: "Welcome\n" }, { kind: "unclear", reason: "sbatch ended well but gave no job id: Welcome" }],
    [{ stdout: "12\n", exitCode: 1 }, { kind: "unclear", reason: "sbatch gave the id 12, but failed (exit code 1)" }],
    [{ exitCode: undefined, signal: "SIGTERM" }, { kind: "unclear", reason: "sbatch was killed (SIGTERM)" }],
    [{ exitCode: undefined, signal: "SIGKILL", timedOutMs: 180_000 }, { kind: "unclear", reason: "sbatch did not end within 180 s" }],
    [{ exitCode: 127, stderr: "sh: 8: exec: sbatch: not found\n" }, { kind: "postponed", reason: "sbatch is not there", isForAll: true }],
    [{ exitCode: 127, stderr: "/opt/site/sbatch: line 3: logger: command not found\n" }, { kind: "unclear", reason: "sbatch failed (exit code 127): /opt/site/sbatch: line 3: logger: command not found" }],
    [{ exitCode: 255, stderr: "Connection to login2 closed by remote host.\n" }, { kind: "unclear", reason: "sbatch failed (exit code 255): Connection to login2 closed by remote host." }],
    [{ exitCode: 1, stderr: "\u001B[31msbatch: error: what is this?\u001B[0m\n" }, { kind: "unclear", reason: "sbatch failed (exit code 1): what is this?" }],
  ])("%j", (end, expected) => {
    expect(parseSubmission({ stdout: "", stderr: "", exitCode: 0, ...end } as Parameters<typeof parseSubmission>[0])).toEqual(expected);
  });
});

// As printed by sbatch 22.05.8, unless said otherwise.
describe("a failure of sbatch whose words", () => {
  test.each([
    [`${failed}Socket timed out on send/recv operation`],
    [`${failed}Connection reset by peer`],
    [`${failed}Zero Bytes were transmitted or received`],
    [`${failed}Unable to contact slurm controller (receive failure)`],
    ["sbatch: error: Munge encode failed: x\nsbatch: error: Batch job submission failed: Socket timed out on send/recv operation"],
    [`${failed}Protocol authentication error`],
    [`${failed}Unspecified error`],
    [`${failed}Babel fish error`],
  ])("leave open whether there is a job: %s", (stderr) => {
    expect(parseSubmission({ stdout: "", stderr: `${stderr}\n`, exitCode: 1 })).toMatchObject({ kind: "unclear" });
  });

  test.each([
    ["sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      "QOSMaxSubmitJobPerUserLimit; Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"],
    ["sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      "AssocMaxSubmitJobLimit; Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"],
    ["sbatch: error: AssocGrpSubmitJobsLimit", "AssocGrpSubmitJobsLimit"],
    [`${failed}Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)`, "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"],
    [`${failed}Unable to contact slurm controller (connect failure)`, "Unable to contact slurm controller (connect failure)"],
    ["sbatch: error: If munged is up, restart with --num-threads=10\nsbatch: error: Munge encode failed: Failed to access \"/run/munge/s\": No such file or directory (Did you start munged?)\nsbatch: error: slurm_send_node_msg: auth_g_create: REQUEST_SUBMIT_BATCH_JOB has authentication error\nsbatch: error: Batch job submission failed: Protocol authentication error",
      expect.stringContaining("Munge encode failed: Failed to access") as string],
    ["sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\nsbatch: error: Batch job submission failed: Resource temporarily unavailable", "Slurm temporarily unable to accept job, sleeping and retrying; Resource temporarily unavailable"],
    [`${failed}Slurm backup controller in standby mode`, "Slurm backup controller in standby mode"],
    ["sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host\nsbatch: error: fetch_config: DNS SRV lookup failed\nsbatch: error: _establish_config_source: failed to fetch config\nsbatch: fatal: Could not establish a configuration source", expect.stringContaining("Could not establish a configuration source") as string],
  ])("tell of a limit or an outage make it wait, as all others: %s", (stderr, reason) => {
    expect(parseSubmission({ stdout: "", stderr: `${stderr}\n`, exitCode: 1 })).toEqual({ kind: "postponed", reason, isForAll: true });
  });

  test("tell of a closed partition make only this one wait", () => {
    expect(parseSubmission({ stdout: "", stderr: `${failed}Required partition not available (inactive or drain)\n`, exitCode: 1 })).toEqual({ kind: "postponed", reason: "Required partition not available (inactive or drain)" });
  });

  test.each([
    [1, "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified", "invalid partition specified: nope; Invalid partition name specified"],
    [1, `${failed}Invalid account or account/partition combination specified`, "Invalid account or account/partition combination specified"],
    [1, `${failed}Invalid qos specification`, "Invalid qos specification"],
    [1, `${failed}Requested node configuration is not available`, "Requested node configuration is not available"],
    [1, "sbatch: error: Invalid generic resource (gres) specification", "Invalid generic resource (gres) specification"],
    [1, "sbatch: error: Memory specification can not be satisfied\nsbatch: error: Batch job submission failed: Requested node configuration is not available", "Memory specification can not be satisfied; Requested node configuration is not available"],
    [1, `${failed}Invalid node name specified`, "Invalid node name specified"],
    [1, `${failed}Invalid feature specification`, "Invalid feature specification"],
    [1, `${failed}Invalid job array specification`, "Invalid job array specification"],
    [1, `${failed}Invalid license specification`, "Invalid license specification"],
    [1, `${failed}Job dependency problem`, "Job dependency problem"],
    [1, `${failed}Requested reservation is invalid`, "Requested reservation is invalid"],
    [1, `${failed}Pathname of a file, directory or other parameter too long`, "Pathname of a file, directory or other parameter too long"],
    [1, "sbatch: error: Unable to open file /no/such", "Unable to open file /no/such"],
    [1, "sbatch: error: Batch script is empty!", "Batch script is empty!"],
    [1, "sbatch: error: Batch script contains DOS line breaks (\\r\\n)\nsbatch: error: instead of expected UNIX line breaks (\\n).", "Batch script contains DOS line breaks (\\r\\n); instead of expected UNIX line breaks (\\n)."],
    [1, "sbatch: error: This does not look like a batch script.  The first\nsbatch: error: line must start with #! followed by the path to an interpreter.\nsbatch: error: For instance: #!/bin/sh", expect.stringContaining("does not look like a batch script") as string],
    [1, "sbatch: error: The Slurm controller does not allow scripts that\nsbatch: error: contain a NULL character '\\0'.", expect.stringContaining("NULL character") as string],
    [1, "sbatch: fatal: c.sh: line 2: Unmatched `\"` in [--job-name=\"x]", "c.sh: line 2: Unmatched `\"` in [--job-name=\"x]"],
    [255, "sbatch: error: Invalid --time specification", "Invalid --time specification"],
    [255, "sbatch: error: Invalid directive found in batch script: one", "Invalid directive found in batch script: one"],
    [255, "sbatch: unrecognized option '--nosuch'\nTry \"sbatch --help\" for more information", "unrecognized option '--nosuch'"],
    [255, "sbatch: option requires an argument -- 't'\nTry \"sbatch --help\" for more information", "option requires an argument -- 't'"],
    [255, "Invalid time specification (pos=0): xx\nsbatch: error: Invalid --begin specification", "Invalid --begin specification"],
    [255, "sbatch: error: \"x\" is not a valid node count", "\"x\" is not a valid node count"],
    [1, "sbatch: error: Invalid numeric value \"0\" for --ntasks.", "Invalid numeric value \"0\" for --ntasks."],
    // Of limits with the flag DenyOnLimit (resource_limits documentation).
    [1, "sbatch: error: QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      "QOSMaxWallDurationPerJobLimit; Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"],
    [1, "sbatch: error: AssocMaxWallDurationPerJobLimit", "AssocMaxWallDurationPerJobLimit"],
    [1, "sbatch: error: QOSMaxGRESPerUser", "QOSMaxGRESPerUser"],
    [1, "sbatch: error: QOSMinGRES", "QOSMinGRES"],
    [1, "sbatch: error: QOSMaxCpuPerNode", "QOSMaxCpuPerNode"],
    [1, "sbatch: error: QOSMinCpuNotSatisfied", "QOSMinCpuNotSatisfied"],
  ])("are a refusal, with exit code %i: %s", (exitCode, stderr, reason) => {
    expect(parseSubmission({ stdout: "", stderr: `${stderr}\n`, exitCode })).toEqual({ kind: "refused", reason });
  });

  test("stand among a site's own are told without them", () => {
    const stderr = `*** maintenance on Tuesday ***\nsbatch: error: invalid partition specified: nope\n${failed}Invalid partition name specified\nsee https://example.org/help\n`;
    expect(parseSubmission({ stdout: "", stderr, exitCode: 1 })).toEqual({ kind: "refused", reason: "invalid partition specified: nope; Invalid partition name specified" });
  });
});
