import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readToldState, writeToldState } from "../../src/state/told-state.ts";
import { anExperiment, aState } from "../support/builders.ts";

const first = aState(anExperiment());
const second = { ...first, revision: 2 };
const third = { ...first, revision: 3 };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nightshift-told-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("what people were last told about", () => {
  test("is nothing before there is a state", () => {
    expect(readToldState(folder, undefined)).toBeUndefined();
  });

  test("is the state that was told, however far things have gone since", () => {
    writeToldState(folder, first);
    expect(readToldState(folder, third)).toEqual(first);
    writeToldState(folder, third);
    expect(readToldState(folder, third)).toEqual(third);
  });

  test("is nothing when a process was killed right after it had written the first revision", () => {
    expect(readToldState(folder, first)).toBeUndefined();
  });

  test("is the state on disk where nothing is on record, as in a clone", () => {
    expect(readToldState(folder, second)).toBe(second);
  });

  test("is the state on disk after that went back, or became another one", () => {
    writeToldState(folder, third);
    expect(readToldState(folder, second)).toBe(second);
    expect(readToldState(folder, { ...third, id: "another-00000002" })).toEqual({ ...third, id: "another-00000002" });
  });

  test("is the state on disk where the record is torn", () => {
    writeToldState(folder, first);
    writeFileSync(join(folder, ".nightshift", "told.json"), "");
    expect(readToldState(folder, second)).toBe(second);
  });
});
