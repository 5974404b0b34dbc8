import { expect, test } from "vitest";

import { rememberJobs } from "../../src/daemon/past.ts";
import type { JobSeen } from "../../src/domain/job.ts";

test("a job is looked up once; one that nobody knows again only after ten minutes, and while nobody answers nobody is asked as long", async () => {
  const asked: (readonly string[])[] = [];
  let nowMs = 0;
  let jobs: readonly JobSeen[] | undefined = [{ id: "1", name: "a", state: "COMPLETED" }];
  const findJobs = rememberJobs({ find: async (ids) => { asked.push(ids); return jobs; } }, () => nowMs);
  const names = async (...ids: readonly string[]): Promise<readonly string[]> => (await findJobs(ids)).map(({ name }) => name);
  expect(await names("1", "2")).toEqual(["a"]);
  expect(await names("1", "2")).toEqual(["a"]);
  nowMs = 599_999;
  jobs = undefined;
  expect(await names("1", "2", "3")).toEqual(["a"]);
  jobs = [{ id: "2", name: "b", state: "FAILED" }];
  nowMs = 1_199_998;
  expect(await names("4", "1")).toEqual(["a"]);
  nowMs = 1_199_999;
  expect(await names("3", "2", "1")).toEqual(["b", "a"]);
  expect(asked).toEqual([["1", "2"], ["3"], ["3", "2"]]);
});

test("a scheduler that cannot be asked knows nothing", async () => {
  expect(await rememberJobs({})(["1"])).toEqual([]);
});
