import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { fileFollower, type Follow } from "../../../src/optimizers/torchtune/follow-files.ts";

/** Keeps what it was fed, piece by piece. */
class Pieces {
  readonly pieces: string[] = [];

  feed(bytes: Uint8Array): void {
    this.pieces.push(Buffer.from(bytes).toString());
  }
}

describe("a file that grows", () => {
  let folder = "";
  let path = "";
  let follow: Follow<Pieces>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nightshift-follow-"));
    path = join(folder, "slurm-1.out");
    follow = fileFollower(() => new Pieces());
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function pieces(where = path): Promise<readonly string[] | undefined> {
    return (await follow(where))?.parser.pieces;
  }

  test("is read once, and then only what is new", async () => {
    await writeFile(path, "one ");
    expect(await pieces()).toEqual(["one "]);
    expect(await pieces()).toEqual(["one "]);
    await appendFile(path, "two ");
    expect(await pieces()).toEqual(["one ", "two "]);
  });

  test("is read in parts where it is large, and who asks is told that there is more", async () => {
    follow = fileFollower(() => new Pieces(), 4);
    await writeFile(path, "one two three");
    const looks: unknown[] = [];
    for (let look = 0; look < 5; look += 1) {
      const { parser, isBehind } = (await follow(path)) ?? { parser: new Pieces(), isBehind: undefined };
      looks.push([parser.pieces.join(""), isBehind]);
    }
    expect(looks).toEqual([["one ", true], ["one two ", true], ["one two thre", true], ["one two three", false], ["one two three", false]]);
    await appendFile(path, " four");
    expect([(await follow(path))?.isBehind, (await follow(path))?.isBehind, await pieces()]).toEqual([true, false, ["one ", "two ", "thre", "e", " fou", "r"]]);
  });

  test("is the same file wherever it is moved, and what is still written follows it", async () => {
    await writeFile(path, "one ");
    await pieces();
    const moved = join(folder, "ck-out", "slurm-1.out");
    await mkdir(join(folder, "ck-out"));
    await rename(path, moved);
    await appendFile(moved, "two ");
    expect(await pieces(moved)).toEqual(["one ", "two "]);
    await expect(pieces()).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is read from its start again when it was truncated, as a requeued job's output is", async () => {
    await writeFile(path, "one two");
    await pieces();
    await truncate(path, 0);
    await appendFile(path, "new");
    expect(await pieces()).toEqual(["new"]);
  });

  test("is read from its start again when it was truncated and has outgrown what it was", async () => {
    await writeFile(path, "one two");
    await pieces();
    await writeFile(path, "another text altogether");
    expect(await pieces()).toEqual(["another text altogether"]);
  });

  test("is another file when another one takes its name", async () => {
    await writeFile(path, "one");
    await pieces();
    await writeFile(join(folder, "new"), "one two");
    await rename(join(folder, "new"), path);
    expect(await pieces()).toEqual(["one two"]);
  });

  test("is read in pieces of bounded size, and ends where it ended when it was opened", async () => {
    await writeFile(path, "x".repeat(600_000));
    expect((await pieces())?.map((piece) => piece.length)).toEqual([262_144, 262_144, 75_712]);
  });

  test("is fed once to its parser when two ask at the same time", async () => {
    await writeFile(path, "one");
    const [a, b] = await Promise.all([follow(path), follow(path)]);
    expect(a?.parser.pieces).toEqual(["one"]);
    expect(b?.parser).toBe(a?.parser);
  });

  test("is forgotten after hundreds of others, and simply read again", async () => {
    await writeFile(path, "one");
    await pieces();
    for (let count = 0; count < 256; count++) {
      await writeFile(join(folder, `${count}.out`), "other");
      await follow(join(folder, `${count}.out`));
    }
    await appendFile(path, " two");
    expect(await pieces()).toEqual(["one two"]);
  });

  test("is none when it is a folder", async () => {
    await mkdir(path);
    expect(await follow(path)).toBeUndefined();
  });

  test("does not keep others from being read when it cannot be", async () => {
    await expect(follow(join(folder, "gone.out"))).rejects.toMatchObject({ code: "ENOENT" });
    await writeFile(path, "one");
    expect(await pieces()).toEqual(["one"]);
  });
});
