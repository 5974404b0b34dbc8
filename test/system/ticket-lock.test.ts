import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";

import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { writeFileDurably } from "../../src/system/durable-file.ts";
import { acquireTicket, holderOf, type Ticket } from "../../src/system/ticket-lock.ts";
import { eventually } from "../support/eventually.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-lock-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a ticket lock", () => {
  test("is held by one; who asks next is told by whom, and why", () => {
    const ticket = held(folder);
    const second = acquireTicket(folder, "look in vain");
    expect(second).toMatchObject({ kind: "busy", file: join(folder, "1"), holder: { purpose: "work", process: { host: hostname(), pid: process.pid } } });
    expect(holderOf(folder)).toMatchObject({ purpose: "work" });
    expect(ticket.isCurrent()).toBe(true);
  });

  test("goes to the next one when it is released", () => {
    const first = held(folder);
    first.release();
    expect(holderOf(folder)).toBeUndefined();
    const second = held(folder);
    expect([first.number, second.number]).toEqual([1, 2]);
    expect([first.isCurrent(), second.isCurrent()]).toEqual([false, true]);
    // A second release, as by a holder that slept, takes nothing from the new one.
    first.release();
    expect(second.isCurrent()).toBe(true);
  });

  test("is free when its holder is killed", async () => {
    const holder = await startHolder();
    expect(acquireTicket(folder, "wait")).toMatchObject({ kind: "busy", holder: { process: { pid: holder.pid } } });
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(held(folder).number).toBe(2);
  });

  test("is free after a reboot, though the holder's number is in use again", () => {
    const first = held(folder);
    const file = join(folder, "1");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"bootId":"[^"]*"/u, '"bootId":"the boot before"'));
    expect(held(folder).number).toBe(2);
    expect(first.isCurrent()).toBe(false);
  });

  test("is never taken from a holder on another host", () => {
    held(folder);
    const file = join(folder, "1");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"host":"[^"]*"/u, '"host":"login2"'));
    expect(acquireTicket(folder, "steal")).toMatchObject({ kind: "busy", holder: { process: { host: "login2" } } });
  });

  test("is never taken from a holder that cannot be read; the file is named", () => {
    writeFileSync(join(folder, "7"), "{\"proc");
    expect(acquireTicket(folder, "guess")).toEqual({ kind: "busy", file: join(folder, "7") });
  });

  test("is held by a holder that is stopped, which a person may decide to take it from", async () => {
    const holder = await startHolder();
    holder.kill("SIGSTOP");
    expect(acquireTicket(folder, "wait")).toMatchObject({ kind: "busy", holder: { process: { pid: holder.pid } } });
    const taken = acquireTicket(folder, "know better", { takesOver: true });
    expect(taken).toMatchObject({ kind: "held", ticket: { number: 2 } });
    expect(acquireTicket(folder, "wait")).toMatchObject({ kind: "busy", holder: { purpose: "know better" } });
    holder.kill("SIGKILL");
    await once(holder, "exit");
  });

  test("tells a holder that lost it who has it, and not one that gave it back", () => {
    const [lost, given] = [held(folder), held(join(folder, "other"))];
    given.release();
    held(join(folder, "other"));
    acquireTicket(folder, "take it", { takesOver: true });
    expect([lost.isCurrent(), lost.takenOverBy()?.holder?.purpose, given.takenOverBy()]).toEqual([false, "take it", undefined]);
  });

  test("is not held in a copy of its folder, and not by a ticket that was deleted and made anew", () => {
    const ticket = held(join(folder, "lock"));
    cpSync(join(folder, "lock"), join(folder, "copy"), { recursive: true });
    expect([holderOf(join(folder, "copy")), held(join(folder, "copy")).number]).toEqual([undefined, 2]);
    rmSync(join(folder, "lock"), { recursive: true });
    expect([held(join(folder, "lock")).number, ticket.isCurrent()]).toEqual([1, false]);
  });

  test("keeps only a few old tickets, and counts on", () => {
    for (let round = 0; round < 40; round += 1) held(folder).release();
    expect(held(folder).number).toBe(41);
    expect(readdirSync(folder).length).toBeLessThan(40);
    expect(existsSync(join(folder, "1"))).toBe(false);
  });

  test("lets contenders in one at a time, also when holders are killed", async () => {
    const outfile = join(folder, "contender.mjs");
    buildSync({ entryPoints: ["test/system/contender.ts"], outfile, bundle: true, platform: "node", format: "esm", target: "node20" });
    const contenders = ["stay", "stay", "die", "die"].map((way) => spawn(process.execPath, [outfile, join(folder, "lock"), join(folder, "ledger"), way]));
    await Promise.all(contenders.map(async (contender) => once(contender, "exit")));
    const ledger = readFileSync(join(folder, "ledger"), "utf8").trimEnd().split("\n");
    // Two lines of each visit, never another's line between them; a contender that dies writes the first one only.
    expect(intrusions(ledger)).toEqual([]);
    expect(ledger.filter((line) => line.startsWith("in")).length).toBe(2 * 20 + 2);
  });
});

describe("the fence of a ticket", () => {
  test("goes with the ticket: released, and taken over from the dead", () => {
    const first = fenced(folder);
    expect(existsSync(first.fence ?? "")).toBe(true);
    first.release();
    expect(existsSync(first.fence ?? "")).toBe(false);
    const second = fenced(folder);
    rmSync(join(folder, "2"));
    writeFileSync(join(folder, "2"), JSON.stringify({ ...JSON.parse(readFileSync(join(folder, "1"), "utf8")) as object, process: { host: hostname(), pid: 2 ** 22 + 1, startTicks: "1", bootId: "another" } }));
    const third = fenced(folder);
    expect([existsSync(second.fence ?? ""), existsSync(third.fence ?? ""), readdirSync(folder).filter((name) => name.includes("fence") || name.includes("razed"))]).toEqual([false, true, [basename(third.fence ?? "")]]);
  });

  test("keeps a process from writing that slept between its write and its rename while another one took over", async () => {
    const outfile = join(folder, "sleeper.mjs");
    buildSync({ entryPoints: ["test/system/sleeper.ts"], outfile, bundle: true, platform: "node", format: "esm", target: "node20" });
    const [lock, file, gate] = [join(folder, "lock"), join(folder, "eval_jobs.json"), join(folder, "gate")];
    writeFileSync(file, "before");
    const sleeper = spawn(process.execPath, [outfile, lock, file, gate], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    sleeper.stdout.setEncoding("utf8").on("data", (text: string) => { said += text; });
    await eventually(() => said.includes("written\n"), "its temporary file");
    // In the very middle of its write, for as long as it may be.
    sleeper.kill("SIGSTOP");
    expect(acquireTicket(lock, "wait", { isFenced: true })).toMatchObject({ kind: "busy" });
    const successor = acquireTicket(lock, "take over", { isFenced: true, takesOver: true });
    if (successor.kind !== "held") throw new Error("busy");
    expect(readFileSync(file, "utf8")).toBe("before");
    writeFileDurably(file, "the successor's", { tempFolder: successor.ticket.fence ?? "" });
    writeFileSync(gate, "");
    sleeper.kill("SIGCONT");
    await once(sleeper, "exit");
    expect([said, readFileSync(file, "utf8")]).toEqual(["written\nENOENT\n", "the successor's"]);
  });
});

function fenced(lockFolder: string): Ticket {
  const acquisition = acquireTicket(lockFolder, "work", { isFenced: true });
  if (acquisition.kind !== "held") throw new Error(`busy: ${acquisition.file}`);
  return acquisition.ticket;
}

function held(lockFolder: string): Ticket {
  const acquisition = acquireTicket(lockFolder, "work");
  if (acquisition.kind !== "held") throw new Error(`busy: ${acquisition.file}`);
  return acquisition.ticket;
}

async function startHolder(): Promise<ReturnType<typeof spawn>> {
  const outfile = join(folder, "contender.mjs");
  buildSync({ entryPoints: ["test/system/contender.ts"], outfile, bundle: true, platform: "node", format: "esm", target: "node20" });
  const holder = spawn(process.execPath, [outfile, folder, join(folder, "ledger"), "keep"], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  return holder;
}

function intrusions(ledger: readonly string[]): readonly string[] {
  let inside: string | undefined;
  const dead = new Set<string>();
  return ledger.filter((line) => {
    const [move, who = ""] = line.split(" ");
    if (move === "die") dead.add(who);
    const isIntrusion = move === "in" && inside !== undefined && !dead.has(inside);
    inside = move === "out" ? undefined : who;
    return isIntrusion;
  });
}
