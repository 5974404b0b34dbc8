import { afterEach, expect, test } from "vitest";

import { instantOf } from "../../src/system/clock.ts";

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

test.each([
  ["UTC", "2026-11-21T12:15:00.250+00:00"],
  ["Europe/Berlin", "2026-11-21T13:15:00.250+01:00"],
  ["America/St_Johns", "2026-11-21T08:45:00.250-03:30"],
  ["Asia/Kathmandu", "2026-11-21T18:00:00.250+05:45"],
])("a moment in %s keeps that zone's own time and offset", (timeZone, expected) => {
  process.env["TZ"] = timeZone;
  expect(instantOf(new Date("2026-11-21T12:15:00.250Z"))).toBe(expected);
  expect(Date.parse(expected)).toBe(Date.parse("2026-11-21T12:15:00.250Z"));
});
