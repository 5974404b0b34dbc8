import { expect, test } from "vitest";

import { formatFraction, formatLoss, formatPercent } from "../../src/report/numbers.ts";

test.each([
  [0.23391, "0.234"], [0.198, "0.198"], [1, "1.000"], [12.3456, "12.346"], [0, "0.000"], [-0.25, "-0.250"],
  [0.0099, "0.0099"], [0.00234, "0.0023"], [0.001, "0.0010"], [5.6e-5, "5.6e-5"], [-5.6e-5, "-5.6e-5"], [0.00051, "5.1e-4"],
  [123456.789, "123456.789"], [1234567.8, "1.235e+6"], [NaN, "nan"], [Infinity, "inf"], [-Infinity, "-inf"], [undefined, "N/A"],
])("a loss of %s is shown as %s", (loss, text) => expect(formatLoss(loss)).toBe(text));

test.each([
  [0.85, "0.85"], [0.8, "0.80"], [1, "1.00"], [0, "0.00"], [0.125, "0.12"], [0.135, "0.14"], [0.996, "0.996"], [0.9996, "0.9996"], [0.99999, "1.0000"],
  [0.004, "0.004"], [0.0004, "0.0004"], [NaN, "nan"], [undefined, "N/A"],
])("a fraction of %s is shown as %s: neither perfect nor nothing unless it is", (value, text) => expect(formatFraction(value)).toBe(text));

test.each<[number, number[], string]>([
  [0.89, [], "89%"], [1, [], "100%"], [0, [], "0%"], [0.996, [], "99.6%"], [0.9996, [], "99.96%"], [0.0012, [], "0.1%"],
  [0.891, [0.889], "89.1%"], [0.891, [0.85], "89%"], [0.8912, [0.8911, 0.7], "89.12%"], [0.89, [0.89], "89%"],
])("%s beside %j is %s", (value, others, text) => expect(formatPercent(value, others)).toBe(text));
