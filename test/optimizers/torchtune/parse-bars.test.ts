import { describe, expect, test } from "vitest";

import { parseBars } from "../../../src/optimizers/torchtune/parse-bars.ts";

describe("a progress bar", () => {
  test.each<[what: string, text: string, loss: number, stepsPerEpoch: number | undefined]>([
    ["as torchtune prints it", "1|40|Loss: 10.480173110961914:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]", 10.480173110961914, 250],
    ["of slow steps", "1|40|Loss: 0.5:  16%|█▌        | 40/250 [01:10:19<01:44,  2.90s/it]", 0.5, 250],
    ["whose count runs ahead of the step", "1|40|Loss: 0.25:  16%|█▋        | 41/250 [00:19<01:44,  2.00it/s]", 0.25, 250],
    ["without room for a bar", "1|40|Loss: 0.25:  16%| 40/250 [00:19<01:44,  2.00it/s]", 0.25, 250],
    ["in ASCII", "1|40|Loss: 0.25:  16%|#6        | 40/250 [00:19<01:44,  2.00it/s]", 0.25, 250],
    ["padded because it became shorter", "1|40|Loss: 0.25:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]  ", 0.25, 250],
    ["of a loss that is no number", "1|40|Loss: nan:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]", Number.NaN, 250],
    ["of an infinite loss", "1|40|Loss: inf:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]", Infinity, 250],
    ["of a negative infinite loss", "1|40|Loss: -inf: 16%|", -Infinity, undefined],
    ["of a very small loss", "1|40|Loss: 6.0498432503663935e-06: 100%|###|", 6.0498432503663935e-6, undefined],
    ["of a very large loss", "1|40|Loss: 2.5e+02: starting", 250, undefined],
    ["without its bar", "1|40|Loss: 1.234\n", 1.234, undefined],
    ["cut off in its count", "1|40|Loss: 1.234:  16%|█▌        | 40/25", 1.234, undefined],
    ["with a byte that is no UTF-8", "1|40|Loss: 1.234:  16%|█\uFFFD       | 40/250 [00:19<01:44,  2.00it/s]", 1.234, 250],
  ])("is read %s", (_what, text, loss, stepsPerEpoch) => {
    expect(parseBars(text).bars).toEqual([{ epoch: 1, step: 40, loss, ...(stepsPerEpoch === undefined ? {} : { stepsPerEpoch }) }]);
  });

  test.each([
    ["nothing shows where its number ends", "1|40|Loss: 10.48"],
    ["something was written into its number", "1|40|Loss: 0.02slurmstepd: error: ***"],
    ["its number is none", "1|5|Loss: 1.2.3: 16%"],
    ["its number is a dot", "1|5|Loss: .: 16%"],
    ["it has no loss yet", "  0%|          | 0/250 [00:00<?, ?it/s]"],
    ["it is of a validation", "Validation loss: 0.1234\n"],
    ["it is of another program", "Generating train split: 1600 examples [00:00, 9000.00 examples/s]"],
    ["it is in a metric log", "Step 5 | loss:1.23 lr:1e-05 \n"],
    ["it is wandb's", "wandb:                      loss 0.26427\n"],
  ])("is none when %s", (_why, text) => {
    expect(parseBars(text)).toEqual({ bars: [], rest: text });
  });

  test("gives back what is glued to it", () => {
    expect(parseBars("warning1|41|Loss: 0.5:  16%|█▋        | 41/250 [00:20<01:42,  2.03it/s] Starting checkpoint save...").rest).toBe("warning Starting checkpoint save...");
  });

  test("is found beside others on the same line", () => {
    const { bars, rest } = parseBars("0/250 [00:00<?, ?it/s]1|40|Loss: 2.5: 16%|█▌| 40/250 [00:19<01:44, 2.00it/s]1|41|Loss: 1.5: 16%|█▋| 41/250 [00:20<01:42, 2.03it/s]");
    expect(bars.map(({ step, loss }) => [step, loss])).toEqual([[40, 2.5], [41, 1.5]]);
    expect(rest).toBe("0/250 [00:00<?, ?it/s]");
  });
});
