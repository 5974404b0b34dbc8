import { chmodSync, chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createExclusively, ensureFolder, writeFileDurably } from "../../src/system/durable-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a durable write", () => {
  test("replaces the file as a whole and leaves nothing beside it", () => {
    const file = join(folder, "state.json");
    writeFileDurably(file, "a long first text");
    writeFileDurably(file, "zwei Wörter\n");
    expect(readFileSync(file, "utf8")).toBe("zwei Wörter\n");
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });

  test("makes a new file rather than write into the old one, so that an open reader keeps what it reads", () => {
    const file = join(folder, "state.json");
    writeFileDurably(file, "one");
    linkSync(file, join(folder, "reader"));
    writeFileDurably(file, "two");
    expect(readFileSync(join(folder, "reader"), "utf8")).toBe("one");
  });

  test("takes bytes and permissions as they are given", () => {
    const file = join(folder, "script");
    writeFileDurably(file, new Uint8Array([0xff, 0x00, 0x0a]), { mode: 0o100750 });
    expect([...readFileSync(file)]).toEqual([0xff, 0x00, 0x0a]);
    expect(statSync(file).mode & 0o7777).toBe(0o750);
  });

  test("can keep its temporary file in another folder", () => {
    const temp = join(folder, "private");
    mkdirSync(temp);
    writeFileDurably(join(folder, "state.json"), "x", { tempFolder: temp });
    expect(readdirSync(temp)).toEqual([]);
    expect(readFileSync(join(folder, "state.json"), "utf8")).toBe("x");
  });

  test("leaves nothing behind when it fails", () => {
    mkdirSync(join(folder, "taken", "by a folder"), { recursive: true });
    expect(() => {
      writeFileDurably(join(folder, "taken"), "x");
    }).toThrow("EISDIR");
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  test("passes over a temporary file that a killed process of the same number left", () => {
    for (let count = 1; count < 200; count += 1) writeFileSync(join(folder, `.nightshift-${process.pid}-${count}.tmp`), "");
    writeFileDurably(join(folder, "state.json"), "x");
    expect(readFileSync(join(folder, "state.json"), "utf8")).toBe("x");
  });
});

describe("permissions and groups", () => {
  test("a file that is replaced hands its permissions on; a new one has what the umask leaves", () => {
    const file = join(folder, "eval_jobs.json");
    const umask = process.umask(0o027);
    try {
      writeFileDurably(file, "new");
      expect(statSync(file).mode & 0o777).toBe(0o640);
      chmodSync(file, 0o664);
      writeFileDurably(file, "replaced");
      expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["replaced", 0o664]);
    } finally {
      process.umask(umask);
    }
  });

  // Somebody who is in no other group cannot give a file to one.
  const group = process.getuid?.() === 0 ? 4242 : process.getgroups?.().find((one) => one !== process.getgid?.());
  test.skipIf(group === undefined)("what is written in a setgid folder belongs to its group, wherever the temporary file stood, and keeps it", () => {
    const [shared, apart] = [join(folder, "shared"), join(folder, "apart")];
    for (const one of [shared, apart]) mkdirSync(one);
    chownSync(shared, process.getuid?.() ?? 0, group ?? 0);
    chmodSync(shared, 0o2770);
    const umask = process.umask(0o007);
    try {
      writeFileDurably(join(shared, "eval_jobs.json"), "1", { tempFolder: apart });
      ensureFolder(join(shared, ".nightshift", "jobs"));
      chmodSync(shared, 0o770);
      writeFileDurably(join(shared, "eval_jobs.json"), "2", { tempFolder: apart });
    } finally {
      process.umask(umask);
    }
    expect([statSync(join(shared, "eval_jobs.json")).gid, statSync(join(shared, "eval_jobs.json")).mode & 0o777]).toEqual([group, 0o660]);
    expect([statSync(join(shared, ".nightshift", "jobs")).gid, statSync(join(shared, ".nightshift", "jobs")).mode & 0o7777]).toEqual([group, 0o2770]);
  });
});

describe("an exclusive creation", () => {
  test("succeeds once; the first content stays", () => {
    const file = join(folder, "ticket");
    expect(createExclusively(file, "first")).toBe(true);
    expect(createExclusively(file, "second")).toBe(false);
    expect(readFileSync(file, "utf8")).toBe("first");
    expect(readdirSync(folder)).toEqual(["ticket"]);
  });

  test("throws where it cannot be decided", () => {
    expect(() => createExclusively(join(folder, "missing", "ticket"), "x")).toThrow("ENOENT");
  });
});

describe("making a folder", () => {
  test("makes its parents, and is content with what is there", () => {
    ensureFolder(join(folder, "a", "b", "c"));
    ensureFolder(join(folder, "a", "b", "c"));
    expect(existsSync(join(folder, "a", "b", "c"))).toBe(true);
  });

  test("throws where a file is in the way", () => {
    writeFileSync(join(folder, "a"), "");
    expect(() => {
      ensureFolder(join(folder, "a", "b"));
    }).toThrow("ENOTDIR");
  });

  test.runIf(process.platform === "linux")("ends with an error where nothing can be made, as in /proc", () => {
    expect(() => {
      ensureFolder("/proc/nightshift/folder");
    }).toThrow("ENOENT");
  });
});
