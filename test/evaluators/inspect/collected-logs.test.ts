import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openZip } from "../../../src/evaluators/inspect/files/zip-file.ts";
import { openFile } from "../../../src/evaluators/inspect/files/open-file.ts";
import { readZipMember } from "../../../src/evaluators/inspect/files/zip-member.ts";
import { readLogAt } from "./expected-log.ts";

const logs = join(import.meta.dirname, "../../../../shared/data/eval-logs");

// Status, total and completed samples, accuracy and number of metrics, as inspect-ai 0.3.285 reads them; of logs that
// were only started it knows no numbers, and those here are of the data set and the journal.
const expected: readonly (readonly [string, string, number, number, number | undefined, number])[] = [
  ["generated/chunked/2026-11-21T04-52-31-00-00_demo_KkfuzY78UzDfgTizqnaaSn.eval", "success", 7, 7, 1, 10],
  ["generated/crashed_sigterm/2026-11-21T04-48-59-00-00_demo_aRkYdANkAxKozjEoAub9F3-recovered.eval", "error", 4, 3, 1, 9],
  ["generated/crashed_sigterm/2026-11-21T04-48-59-00-00_demo_aRkYdANkAxKozjEoAub9F3.eval", "started", 12, 0, undefined, 0],
  ["generated/edited/2026-11-21T04-52-31-00-00_demo_KkfuzY78UzDfgTizqnaaSn.eval", "success", 7, 7, 1, 10],
  ["generated/edited/invalidated_2026-11-21T04-52-31-00-00_demo_KkfuzY78UzDfgTizqnaaSn.eval", "success", 7, 7, 1, 10],
  ["generated/edited/scoreedit_2026-11-21T04-52-31-00-00_demo_KkfuzY78UzDfgTizqnaaSn.eval", "success", 7, 7, 0.8571428571428571, 10],
  ["generated/epochs_default/2026-11-21T04-52-32-00-00_demo_WXcPTo7wZaYrodHthfqi2D.eval", "success", 14, 14, 1, 10],
  ["generated/epochs_mean/2026-11-21T04-52-31-00-00_demo_K32WU4qvCKus4X5mnYSsj7.eval", "success", 21, 21, 1, 10],
  ["generated/epochs_multi/2026-11-21T04-52-32-00-00_demo_PLHvaBvqEsX8EzXR8wWwwG.eval", "success", 21, 21, 1, 40],
  ["generated/json_format/2026-11-21T04-52-34-00-00_demo_9b9r5F9jxMKHVGLhHU3yMU.json", "success", 7, 7, 1, 10],
  ["generated/limit_meta/2026-11-21T04-52-34-00-00_demo_eAyfJ6YATQwr8VM9Qweyed.eval", "success", 2, 2, 1, 9],
  ["generated/no_log_samples/2026-11-21T04-52-34-00-00_demo_3eVCLcJt9JSGA9C6dXPq8n.eval", "success", 7, 7, 1, 10],
  ["generated/no_score/2026-11-21T04-52-34-00-00_demo_7yTf3vq7EaaaYXiZURKaeJ.eval", "success", 7, 7, undefined, 0],
  ["generated/pattern/2026-11-21T04-52-35-00-00_demo_mockllm-model_4AJRh5zaP9vbjZAxDQpHk6.eval", "success", 7, 7, 1, 10],
  ["generated/pattern_noid/2026-11-21T04-52-35-00-00_fixed.eval", "success", 7, 7, 1, 10],
  ["generated/run_samples_false/2026-11-21T04-52-34-00-00_demo_PYWnVBdh2rEj6xG5cWQ4Ym.eval", "started", 7, 0, undefined, 0],
  ["generated/success/2026-11-21T04-52-31-00-00_demo_KkfuzY78UzDfgTizqnaaSn.eval", "success", 7, 7, 1, 10],
  ["real/analysis/test_logs/2025-05-12T20-27-36-04-00_browser.json", "success", 1, 1, 1, 2],
  ["real/analysis/test_logs/2025-05-12T20-28-13-04-00_no-samples.json", "cancelled", 3, 3, 0.6666666666666666, 2],
  ["real/analysis/test_logs/2025-05-12T20-28-13-04-00_popularity.json", "cancelled", 3, 3, 0.6666666666666666, 2],
  ["real/analysis/test_logs/2025-05-12T20-28-26-04-00_security-guide.json", "success", 3, 3, 1, 2],
  ["real/analysis/test_logs_choices/mmlu-no-summary-choices.eval", "success", 1, 1, 0, 2],
  ["real/analysis/test_logs_choices/mmlu-summary-choices.eval", "success", 1, 1, 0, 2],
  ["real/log/test_eval_log/log_formats.eval", "success", 1, 1, 0, 2],
  ["real/log/test_eval_log/log_formats.json", "success", 1, 1, 0, 2],
  ["real/log/test_eval_log/log_images.json", "success", 1, 1, 0, 2],
  ["real/log/test_eval_log/log_images_tc.json", "success", 1, 1, 0, 2],
  ["real/log/test_eval_log/log_message_deduplication.eval", "success", 1, 1, 0, 2],
  ["real/log/test_eval_log/log_read_sample.eval", "success", 1, 1, 1, 2],
  ["real/log/test_eval_log/log_read_sample.json", "success", 1, 1, 1, 2],
  ["real/log/test_eval_log/log_streaming.eval", "success", 4, 4, 0.75, 2],
  ["real/log/test_eval_log/log_tool_call_error.json", "success", 4, 4, 1, 2],
  ["real/log/test_list_logs/2024-11-05T13-31-45-05-00_input-task_8zXjbRzCWrL9GXiXo2vus9.json", "success", 1, 1, 1, 2],
  ["real/log/test_list_logs/2024-11-05T13-32-37-05-00_input-task_hxs4q9azL3ySGkjJirypKZ.eval", "success", 1, 1, 1, 2],
  ["real/log/test_list_logs/custom.eval", "success", 1, 1, 1, 2],
  ["real/log/test_list_logs/ignore.json", "success", 1, 1, 1, 2],
  ["real/scorer/logs/2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval", "success", 10, 10, undefined, 0],
  ["real/scorer/logs/2025-02-11T15-18-04-05-00_popularity_mj7khqpMM4GBCfVQozKgzB.eval", "success", 10, 10, 0.8, 2],
  ["real/test_eval_set/2024-08-29T15-11-17+00-00_popularity_5EAmX6wjMFqea6WY7XHzZp.json", "success", 1, 1, 0, 2],
  ["real/test_eval_set/2024-08-29T15-11-18+00-00_popularity_5EAmX6wjMFqea6WY7XHzZp.json", "error", 1, 1, 0, 2],
  ["synthetic/duplicate_member.eval", "success", 7, 7, 1, 10],
  ["synthetic/entries_65537.eval", "success", 7, 7, 1, 10],
  ["synthetic/multiframe_450MiB.eval", "success", 7, 7, 1, 10],
];

describe.skipIf(!existsSync(logs))("logs collected from inspect-ai's own tests and runs", () => {
  test("are all looked at", () => {
    const found = readdirSync(logs, { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:eval|json)$/u.test(name));
    expect(found.toSorted()).toEqual(expected.map(([name]) => name).toSorted());
  });

  test.each(expected)("%s is %s", async (name, status, totalSamples, completedSamples, accuracy, metricCount) => {
    const log = await readLogAt(join(logs, name));
    expect(log).toMatchObject({ status, totalSamples, completedSamples });
    expect(log.accuracy).toBe(accuracy);
    expect(log.metrics).toHaveLength(metricCount);
  });

  test("of two members with one name the later is read", async () => {
    const names = await memberNames("synthetic/duplicate_member.eval");
    expect(names.filter((name) => name.startsWith("samples/"))).toHaveLength(7);
  });

  test("a member of 450 MiB in three zstd frames is read whole, but only by who asks for so much", async () => {
    const path = join(logs, "synthetic/multiframe_450MiB.eval");
    const file = openFile(path);
    try {
      const { members, readAt } = await openZip(file);
      const member = members.get("samples/big_epoch_1.json");
      if (member === undefined) throw new Error("no such member");
      await expect(readZipMember(readAt, member)).rejects.toThrow("too large");
      expect(await readZipMember(readAt, member, 512 * 2 ** 20)).toHaveLength(471_856_079);
    } finally {
      file.close();
    }
  }, 60_000);
});

async function memberNames(name: string): Promise<readonly string[]> {
  const path = join(logs, name);
  const file = openFile(path);
  try {
    return [...(await openZip(file)).members.keys()];
  } finally {
    file.close();
  }
}
