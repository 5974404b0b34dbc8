import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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
