import { expect, test } from "vitest";

import { renderClosingReport } from "../../src/report/closing-report.ts";
import { renderInspectComplete } from "../../src/report/inspect-complete.ts";
import { aControl, anAttempt, anExperiment, aState, scored } from "../support/builders.ts";
import { golden } from "./golden.ts";
import { allFailed, allWentWell, halfWay, oneTimedOut, type Story } from "./stories.ts";

test.each<[string, string, Story]>([
  ["complete", "## Run Experiment Complete\n", allWentWell()],
  ["partial", "## Run Experiment Complete (partial success)\n", oneTimedOut()],
  ["failed", "## Run Experiment Failed\n", allFailed()],
  ["not-complete", "## Run Experiment Not Complete\n", halfWay()],
])("the closing report tells %s truly", (name, heading, story) => {
  const text = renderClosingReport(story);
  expect(text.startsWith(heading)).toBe(true);
  expect(text).toBe(golden(`closing-${name}.md`, text));
});

test("a tick stands only where everything completed", () => {
  const marks = (story: Story): string[] => renderClosingReport(story).match(/^[✓✗]/gmu) ?? [];
  expect(marks(allWentWell())).toEqual(["✓", "✓"]);
  expect(marks(oneTimedOut())).toEqual(["✗", "✗"]);
});

test("an experiment of controls alone has no optimization to speak of", () => {
  const experiment = anExperiment({ runs: [aControl("base")] });
  const state = aState(experiment, { evaluations: { base_capitalization: scored(anAttempt("1", 0, 1, 2), { accuracy: 1 }) } });
  const text = renderClosingReport({ experiment, state });
  expect(text).toContain("### Optimization Results\n\nNone: the experiment has no fine-tuned runs.");
  expect(text).toContain("- Optimization: N/A\n- Evaluation: 2m");
});

test.each<[string, Story]>([["complete", allWentWell()], ["partial", oneTimedOut()]])("the end of run-inspect.log reads as reviewed when it is %s", (name, story) => {
  const text = renderInspectComplete(story);
  expect(text).toBe(golden(`inspect-${name}.md`, text));
});
