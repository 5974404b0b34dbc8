import { describe, expect, test } from "vitest";

import { createProgressBar, renderBar } from "../../src/demo/progress-bar.ts";

describe("one line of a progress bar", () => {
  // What tqdm 4.70.1 answers: tqdm.format_meter(done, total, seconds, prefix=...).
  test.each([
    ["", 0, 250, 0, "  0%|          | 0/250 [00:00<?, ?it/s]"],
    ["1|40|Loss: 10.48", 40, 250, 19.98, "1|40|Loss: 10.48:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]"],
    ["x", 1, 8, 1, "x:  12%|█▎        | 1/8 [00:01<00:07,  1.00it/s]"],
    ["x", 3, 8, 4, "x:  38%|███▊      | 3/8 [00:04<00:06,  1.33s/it]"],
    ["a", 398, 400, 10, "a: 100%|█████████▉| 398/400 [00:10<00:00, 39.80it/s]"],
    ["b", 3, 7, 8.5, "b:  43%|████▎     | 3/7 [00:08<00:11,  2.83s/it]"],
    ["c", 5, 5, 7325, "c: 100%|██████████| 5/5 [2:02:05<00:00, 1465.00s/it]"],
    ["e", 1, 400, 0.05, "e:   0%|          | 1/400 [00:00<00:19, 20.00it/s]"],
  ])("%j at %i of %i after %d s is as tqdm writes it", (description, done, total, seconds, line) => {
    expect(renderBar(description, done, total, seconds * 1000)).toBe(line);
  });
});

describe("the bytes of a progress bar", () => {
  test("come back to the start of the line in a first epoch", () => {
    const bar = createProgressBar(4, false);
    expect(bar.refresh("", 0, 0)).toBe("\r  0%|          | 0/4 [00:00<?, ?it/s]");
    expect(bar.refresh("1|1|Loss: 2.5", 1, 500)).toBe("\r1|1|Loss: 2.5:  25%|██▌       | 1/4 [00:00<00:01,  2.00it/s]");
  });

  test("go down a line and up again from the second epoch on", () => {
    expect(createProgressBar(4, true).refresh("2|5|Loss: 2.5", 1, 500)).toBe("\n\r2|5|Loss: 2.5:  25%|██▌       | 1/4 [00:00<00:01,  2.00it/s]\u001B[A");
  });

  test("cover a longer line with blanks", () => {
    const bar = createProgressBar(4, false);
    const long = bar.refresh("1|1|Loss: 2.625", 1, 500);
    const short = bar.refresh("1|2|Loss: 2.5", 2, 1000);
    expect(short).toHaveLength(long.length);
    expect(short).toMatch(/it\/s\] {2}$/u);
  });

  test("show the last step once more at the end", () => {
    const bar = createProgressBar(4, true);
    bar.refresh("2|8|Loss: 2.5", 4, 2000);
    expect(bar.close(4000)).toBe("\r2|8|Loss: 2.5: 100%|██████████| 4/4 [00:04<00:00,  1.00it/s]\n");
  });
});
