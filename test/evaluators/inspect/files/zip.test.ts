import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import unzipper from "unzipper";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Damage } from "../../../../src/evaluators/inspect/damage.ts";
import { openZip, type ZipFile } from "../../../../src/evaluators/inspect/files/zip-file.ts";
import { type OpenFile, openFile } from "../../../../src/evaluators/inspect/files/open-file.ts";
import { readZipMember } from "../../../../src/evaluators/inspect/files/zip-member.ts";
import { zipFile, zstdFrame, zstdRepetition } from "../zip-files.ts";

const fixtures = join(import.meta.dirname, "../../../../fixtures/inspect");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-zip-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a member is read", () => {
  const text = "the same text again and again and again";
  test.each([
    ["stored", { name: "a", text }],
    ["deflated", { name: "a", text, method: 8 }],
    ["in a zstd frame", { name: "a", text, method: 93 }],
    ["in two zstd frames", { name: "a", text: text + text, method: 93, packed: Buffer.concat([zstdFrame(Buffer.from(text)), zstdFrame(Buffer.from(text))]) }],
    ["in zstd frames with one to be skipped", {
      name: "a", text, method: 93, packed: Buffer.concat([zstdFrame(Buffer.from(text)), Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7])]),
    }],
    ["empty", { name: "a", text: "" }],
    ["empty and deflated", { name: "a", text: "", method: 8 }],
    ["empty and in a zstd frame", { name: "a", text: "", method: 93 }],
    ["with a longer local header than the directory knows", { name: "a", text, localExtra: Buffer.alloc(20) }],
    ["whose sizes and place are in a ZIP64 field", { name: "a", text, method: 8, zip64: "whole" as const }],
    ["with a name outside ASCII", { name: "ä/..\\b", text }],
  ])("%s", async (_how, member) => {
    expect((await readMember(zipFile([{ name: "other", text: "x" }, member]), member.name)).toString()).toBe(member.text);
  });

  test("the last of its name", async () => {
    const file = zipFile([{ name: "a", text: "first" }, { name: "b", text: "b" }, { name: "a", text: "second" }]);
    expect((await readMember(file, "a")).toString()).toBe("second");
  });
});

describe("a member is refused", () => {
  const bomb = zstdRepetition(0x20, 64);
  test.each([
    ["whose checksum is wrong", { name: "a", text: "x", crc32: 1 }, "checksum"],
    ["that is shorter than it should be", { name: "a", text: "x", bytes: 2 }, "damaged member"],
    ["that is longer than it should be", { name: "a", text: "xyz", method: 8, bytes: 2 }, "damaged member"],
    ["that is a bomb", { name: "a", method: 93, packed: bomb, bytes: 1000 }, "damaged member"],
    ["that is no deflate stream", { name: "a", text: "x", method: 8, packed: Buffer.from([0xff, 0xff]) }, "damaged member"],
    ["that is no zstd frame", { name: "a", text: "x", method: 93, packed: Buffer.from("nothing of the sort") }, "damaged member"],
    ["whose zstd frame is cut off", { name: "a", text: "xyz", method: 93, packed: zstdFrame(Buffer.from("xyz")).subarray(0, -1) }, "damaged member"],
    ["whose zstd frame asks for a window of 1 GiB", { name: "a", text: "x", method: 93, packed: zstdFrame(Buffer.from("x"), { window: 20 << 3 }) }, "damaged member"],
    ["of a method nobody knows", { name: "a", text: "x", method: 12 }, "unknown method"],
    ["that is encrypted", { name: "a", text: "x", flags: 1 }, "encrypted"],
    ["that is larger than the limit", { name: "a", text: "x", bytes: 2 ** 30 }, "too large"],
    ["that calls itself something else", { name: "a", text: "x", localName: "b" }, "points to something else"],
  ])("%s", async (_what, member, message) => {
    const reading = readMember(zipFile([member]), "a");
    await expect(reading).rejects.toThrow(Damage);
    await expect(reading).rejects.toThrow(message);
  });
});

describe("a directory is read", () => {
  const members = [{ name: "a", text: "a" }, { name: "b", text: "b" }];
  test.each([
    ["in a file of nothing else", zipFile([]), []],
    ["behind the longest comment there can be", zipFile(members, { comment: "c".repeat(65_535) }), ["a", "b"]],
    ["behind a comment that holds an end record of its own", zipFile(members, { comment: `${zipFile([]).toString("latin1")}!` }), ["a", "b"]],
    ["behind a member that holds a zip file", zipFile([{ name: "c", data: zipFile(members) }]), ["c"]],
  ])("%s", async (_where, file, names) => {
    expect([...(await readMembers(file)).keys()]).toEqual(names);
  });

  test.each([
    ["65,535 members, as many as go without ZIP64", 65_535, false],
    ["70,000 members, by ZIP64", 70_000, true],
  ])("of %s", async (_what, count, isZip64) => {
    const file = zipFile(Array.from({ length: count }, (_none, index) => ({ name: `${index}` })), { isZip64 });
    expect((await readMembers(file)).size).toBe(count);
  });

  // The file has a hole of 5 GiB, which takes no place on the disk.
  test("behind 5 GiB of something else, with the members behind it", async () => {
    const path = join(folder, "large.zip");
    const begin = 5 * 2 ** 30;
    writeFileSync(path, "");
    truncateSync(path, begin);
    appendFileSync(path, zipFile([{ name: "a", text: "behind it", zip64: "whole" }], { isZip64: true, begin }));
    const file = openFile(path);
    try {
      const { members, readAt } = await openZip(file);
      const member = members.get("a");
      expect(member).toMatchObject({ offset: begin, bytes: 9 });
      expect(member && (await readZipMember(readAt, member)).toString()).toBe("behind it");
    } finally {
      file.close();
    }
  });

  const logs = readdirSync(fixtures, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".eval")).toSorted();
  test.each(logs)("of %s as unzipper reads it", async (log) => {
    const theirs = new Map((await unzipper.Open.file(join(fixtures, log))).files.map((entry) => [entry.path, entry]));
    const ours = await readMembers(readFileSync(join(fixtures, log)));
    expect([...ours.values()].map(({ name, method, crc32, packedBytes, bytes, offset }) => [name, method, crc32, packedBytes, bytes, offset])).toEqual(
      [...theirs].map(([name, { compressionMethod, crc32, compressedSize, uncompressedSize, offsetToLocalFileHeader }]) => [name, compressionMethod, crc32, compressedSize, uncompressedSize, offsetToLocalFileHeader]),
    );
  });
});

describe("a directory is refused", () => {
  const file = zipFile([{ name: "a", text: "a" }, { name: "b", text: "b" }]);
  test.each([
    ["of an empty file", Buffer.alloc(0), "is empty"],
    ["of a text", Buffer.from("no zip file at all"), "cut off"],
    ["with fewer entries than its end record counts", zipFile([{ name: "a" }], { entries: 3 }), "does not fit"],
    ["with an end record that points beyond the file", pokeEnd(file, 16, 0x7fffffff), "does not fit"],
    ["with a ZIP64 field that ends too early", zipFile([{ name: "a", text: "a", zip64: "short" }]), "damaged directory"],
    ["with an end record that points elsewhere", pokeEnd(file, 16, 0), "damaged directory"],
  ])("%s", async (_what, bytes, message) => {
    const reading = readMembers(bytes);
    await expect(reading).rejects.toThrow(Damage);
    await expect(reading).rejects.toThrow(message);
  });

  test("of every beginning of a file", async () => {
    for (let length = 0; length < file.length; length += 1) {
      await expect(readMembers(file.subarray(0, length)), `the first ${length} bytes`).rejects.toThrow(Damage);
    }
  });
});

function pokeEnd(file: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(file);
  changed.writeUInt32LE(value, file.length - 22 + at);
  return changed;
}

async function readMembers(bytes: Buffer): Promise<ZipFile["members"]> {
  return withFile(bytes, async (file) => (await openZip(file)).members);
}

async function readMember(bytes: Buffer, name: string): Promise<Buffer> {
  return withFile(bytes, async (file) => {
    const { members, readAt } = await openZip(file);
    const member = members.get(name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return readZipMember(readAt, member);
  });
}

async function withFile<Answer>(bytes: Buffer, read: (file: OpenFile) => Promise<Answer>): Promise<Answer> {
  const path = join(folder, "file.zip");
  writeFileSync(path, bytes);
  const file = openFile(path);
  try {
    return await read(file);
  } finally {
    file.close();
  }
}
