import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { writeSmallExperiment } from "../support/small-experiment.ts";
import { fast, openWorkplace, textOf } from "../support/workplace.ts";

const place = openWorkplace();
const heard = join(place.folder, "heard");

test("a person's own program hears what failed and that all is over, in plain words and as JSON", async () => {
  program("tell", `printf '%s|' "$@" >> '${heard}'; cat >> '${heard}'; echo >> '${heard}'`);
  const folder = join(place.root, "a $(touch pwned) night");
  writeSmallExperiment(folder, { runs: ["rank4"], epochs: 1, ledger: place.ledger, isMovable: true, before: { "base/cap": "exit 4" } });
  const { code } = await place.nightshift(["run", folder, ...fast, "--notify", `${join(place.folder, "tell")} --loud`]);
  expect(code).toBe(1);
  const [failed = "", finished = "", ...more] = textOf(heard).trimEnd().split("\n");
  expect(more).toEqual([]);
  expect(failed).toMatch(/^--loud\|failed\|a \$\(touch pwned\) night\|a \$\(touch pwned\) night: base\/cap: .*\|\{"event":"failed",/u);
  expect(finished).toMatch(/^--loud\|finished\|.*finished: 1\/1 trainings and 1\/2 evaluations completed/u);
  expect(JSON.parse(failed.slice(failed.indexOf("{")))).toMatchObject({ event: "failed", experiment: "a $(touch pwned) night", folder, happenings: [{ kind: "evaluation", subject: "base/cap", to: "FAILED" }] });
});

test("a program that fails is told once, and holds nothing up", async () => {
  program("broken", "exit 7");
  const folder = join(place.root, "quiet night");
  writeSmallExperiment(folder, { runs: ["rank4"], epochs: 1, ledger: place.ledger, isMovable: true, before: { "base/cap": "exit 4" } });
  const { code, out } = await place.nightshift(["run", folder, ...fast, "--notify", join(place.folder, "broken")]);
  expect(code).toBe(1);
  expect(out.match(/--notify .*broken: .*exit code 7/gu)).toHaveLength(1);
});

test.each([["--notify", " "], ["--blind-after", "soon"]])("%s %j is wrong use", async (option, value) => {
  const folder = join(place.root, "quiet night");
  expect(await place.nightshift(["run", folder, ...fast, option, value])).toMatchObject({ code: 2, err: expect.stringMatching(new RegExp(`${option}: expected`, "u")) as string });
});

function program(name: string, text: string): void {
  const file = join(place.folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}
