import { describe, expect, test } from "vitest";

import type { Problem } from "../../../src/domain/problem.ts";
import { lookCollecting } from "../../../src/optimizers/torchtune/look.ts";

describe("a look at a path", () => {
  test("gives what the file system answers", async () => {
    expect(await lookCollecting([])(Promise.resolve(["epoch_0"]), "/run/artifacts")).toEqual(["epoch_0"]);
  });

  test.each(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"])("sees nothing there: %s", async (code) => {
    const problems: Problem[] = [];
    expect(await lookCollecting(problems)(failing(code), "/run/artifacts")).toBeUndefined();
    expect(problems).toEqual([]);
  });

  test.each(["EACCES", "EPERM"])("notes once what may not be read: %s", async (code) => {
    const problems: Problem[] = [];
    const look = lookCollecting(problems);
    expect(await look(failing(code), "/run/artifacts")).toBeUndefined();
    expect(await look(failing(code), "/run/artifacts")).toBeUndefined();
    expect(problems).toEqual([{ severity: "warning", message: `cannot be read (${code})`, file: "/run/artifacts", advice: "Give yourself the right to read it" }]);
  });

  test.each(["ESTALE", "EIO", "ENOTCONN", "EMFILE"])("never takes an outage for absence: %s", async (code) => {
    await expect(lookCollecting([])(failing(code), "/run/artifacts")).rejects.toMatchObject({ code });
  });
});

async function failing(code: string): Promise<never> {
  throw Object.assign(new Error(code), { code });
}
