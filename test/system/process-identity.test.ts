import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, test } from "vitest";

import { isGroupAlive, signalGroup } from "../../src/system/process-group.ts";
import { identityOf, isAlive, parseProcessStart, thisProcess } from "../../src/system/process-identity.ts";
import { eventually } from "../support/eventually.ts";

describe("the identity of a process", () => {
  test("is alive while the process lives, and dead afterwards", async () => {
    const child = spawn("sleep", ["1000"]);
    const identity = identityOf(child.pid ?? 0);
    expect(identity).toMatchObject({ pid: child.pid, host: thisProcess().host, bootId: thisProcess().bootId });
    if (identity === undefined) throw new Error("unreachable");
    expect(isAlive(identity)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(identity)).toBe(false);
    expect(identityOf(identity.pid)).toBeUndefined();
  });

  test.each([
    ["another process of the same number", { startTicks: "1" }, false],
    ["the same number before a reboot", { bootId: "another boot" }, false],
    ["a number that nobody has", { pid: 2 ** 22 + 1 }, false],
    ["a process on another host, of which nothing is known here", { host: "another", pid: 2 ** 22 + 1 }, true],
    ["this process", {}, true],
  ])("%s", (_name, difference, expected) => {
    expect(isAlive({ ...thisProcess(), ...difference })).toBe(expected);
  });

  test.runIf(process.platform === "linux")("a process that was killed and waits to be reaped is dead", async () => {
    // What is told its child's number is a program that knows of no child, so it never reaps it.
    const parent = spawn("sh", ["-c", "sleep 1000 & exec sh -c 'echo $0; exec sleep 1000' $!"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = await once(parent.stdout, "data") as [Buffer];
    const pid = Number(line.toString());
    // A shell would still reap it in the moment before it becomes that program.
    await eventually(() => readFileSync(`/proc/${parent.pid}/comm`, "utf8").trim() === "sleep", "the program that knows of no child");
    process.kill(pid, "SIGKILL");
    await eventually(() => identityOf(pid) === undefined, "the end of the child");
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill("SIGKILL");
  });

  test.each([
    ["/proc", "42 (sh) S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 2600 0", { pid: 42, startTicks: "98765", isZombie: false }],
    ["a name with spaces and parentheses", "42 (a) b (c) R 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 2600 0", { pid: 42, startTicks: "98765", isZombie: false }],
    ["a zombie", "42 (sh) Z 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 0 0", { pid: 42, startTicks: "98765", isZombie: true }],
    ["ps", "  42 Sat Nov 21  13:15:00 2026    \n", { pid: 42, startTicks: "Sat Nov 21 13:15:00 2026", isZombie: false }],
    ["nothing", "", undefined],
    ["other text", "never started\n", undefined],
    ["a torn line", "42 (sh) S 1 42", undefined],
    ["only a number", "42", undefined],
  ])("is parsed from %s", (_name, text, expected) => {
    expect(parseProcessStart(text)).toEqual(expected);
  });
});

describe("a process group", () => {
  test("lives until its last member is gone", async () => {
    const leader = spawn("sh", ["-c", "sleep 1000 & echo ready; wait"], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const group = leader.pid ?? 0;
    await once(leader.stdout, "data");
    leader.kill("SIGKILL");
    await once(leader, "exit");
    expect(isGroupAlive(group)).toBe(true);
    signalGroup(group, "SIGKILL");
    await eventually(() => !isGroupAlive(group), "the end of the group");
    signalGroup(group, "SIGKILL");
    expect(isGroupAlive(group)).toBe(false);
  });
});
