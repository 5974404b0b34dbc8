import { expect, test } from "vitest";

import { describeOutage } from "../../src/system/outage.ts";

test.each<[string, Partial<NodeJS.ErrnoException> & { dest?: string }, string | undefined]>([
  ["a full disk", { errno: -28, code: "ENOSPC", syscall: "rename", path: "/t/.tmp", dest: "/e/eval_jobs.json" }, "the disk is full (ENOSPC, in /e)"],
  ["a used up quota, for which Node.js has no name", { errno: -122, code: "Unknown system error -122" }, "the disk quota is used up (EDQUOT)"],
  ["expired credentials", { errno: -127, code: "Unknown system error -127", path: "/e" }, "this session's credentials for the file server have expired; renew them (kinit) (EKEYEXPIRED, in /e)"],
  ["a folder of somebody else's", { errno: -13, code: "EACCES", syscall: "access", path: "/e" }, "this user has no permission here (EACCES, in /e)"],
  ["a file that is not there, which is no outage", { errno: -2, code: "ENOENT", path: "/e" }, undefined],
  ["a bug", {}, undefined],
])("%s is told in a sentence", (_what, facts, sentence) => {
  expect(describeOutage(Object.assign(new Error("EWHATEVER: no words for people"), facts))).toBe(sentence);
});

test("what is no error at all is no outage", () => expect(describeOutage("oops")).toBeUndefined());
