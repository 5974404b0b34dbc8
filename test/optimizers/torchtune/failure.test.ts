import { describe, expect, test } from "vitest";

import type { Failure } from "../../../src/domain/failure.ts";
import { OutputParser } from "../../../src/optimizers/torchtune/parse-output.ts";

describe("a failure", () => {
  test.each<[what: string, text: string, cause: string, message: string]>([
    ["the time limit", "slurmstepd: error: *** JOB 7 ON della-l01g1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***\n", "time limit", "JOB 7 ON della-l01g1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT"],
    ["the time limit of a step", "slurmstepd-n1: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***\n", "time limit", "STEP 7.0 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT"],
    ["the time limit, said into the middle of a bar", "\r1|5|Loss: 0.5:  10%|█  | 5/50 [00:01<00:09, 4.1slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***\n\u001B[A", "time limit", "JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT"],
    ["somebody", "slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 ***\n", "cancelled", "JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07"],
    ["preemption", "slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO PREEMPTION ***\n", "cancelled", "JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO PREEMPTION"],
    ["its node", "slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS ***\n", "node failure", "JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS"],
    ["memory, with cgroups", "slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed.\n", "out of memory", "Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed."],
    ["memory, with older cgroups", "slurmstepd: error: Detected 1 oom-kill event(s) in step 7.batch cgroup\n", "out of memory", "Detected 1 oom-kill event(s) in step 7.batch cgroup"],
    ["memory, without cgroups", "slurmstepd-n1: error: StepId=7.batch exceeded memory limit (2 > 1), being killed\nslurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T10:06:08 ***\n", "out of memory", "StepId=7.batch exceeded memory limit (2 > 1), being killed"],
    ["memory, said after the cancelling", "slurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T10:06:08 ***\nslurmstepd-n1: error: Exceeded job memory limit\n", "out of memory", "Exceeded job memory limit"],
    ["memory, seen by the shell", "/var/spool/slurmd/job7/slurm_script: line 12:  4242 Killed                  tune run lora.py\n", "out of memory", "/var/spool/slurmd/job7/slurm_script: line 12: 4242 Killed tune run lora.py"],
    ["memory, seen by Python", `${traceback}numpy._core._exceptions._ArrayMemoryError: Unable to allocate 3 GiB\n`, "out of memory", "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 3 GiB"],
    ["memory, behind a data loader's complaint", `${traceback}RuntimeError: DataLoader worker (pid 9) is killed by signal: Killed. \nslurmstepd: error: Detected 1 oom_kill event in StepId=7.batch.\n`, "out of memory", "Detected 1 oom_kill event in StepId=7.batch."],
    ["GPU memory", `${traceback}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 864.00 MiB.\n`, "GPU out of memory", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 864.00 MiB."],
    ["GPU memory, in older words", `${traceback}torch.cuda.OutOfMemoryError: CUDA out of memory.\n`, "GPU out of memory", "torch.cuda.OutOfMemoryError: CUDA out of memory."],
    ["GPU memory, in the oldest words", `${traceback}RuntimeError: CUDA out of memory. Tried to allocate 2.00 MiB\n`, "GPU out of memory", "RuntimeError: CUDA out of memory. Tried to allocate 2.00 MiB"],
    ["GPU memory, in a driver's words", `${traceback}RuntimeError: CUDA error: out of memory\n`, "GPU out of memory", "RuntimeError: CUDA error: out of memory"],
    ["GPU memory, then time, since the other ranks waited", `[rank1]: ${traceback.replace("\n", "\n[rank1]: ")}torch.OutOfMemoryError: CUDA out of memory.\nslurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***\n`, "GPU out of memory", "torch.OutOfMemoryError: CUDA out of memory."],
    ["a mistake", `${traceback}TypeError: lora_llama3() got an unexpected keyword argument 'lora_rnk'\n`, "error", "TypeError: lora_llama3() got an unexpected keyword argument 'lora_rnk'"],
    ["a mistake without words", `${traceback}AssertionError\n`, "error", "AssertionError"],
    ["a mistake at the very end of the file", `${traceback}ValueError: bad`, "error", "ValueError: bad"],
    ["a mistake whose words begin on the next line", `${traceback}RuntimeError: Error(s) in loading state_dict for TransformerDecoder:\n\tsize mismatch for tok_embeddings.weight\n\tMissing key\n`, "error", "RuntimeError: Error(s) in loading state_dict for TransformerDecoder: size mismatch for tok_embeddings.weight"],
    ["a mistake, glued to a bar", `\r1|5|Loss: 0.5:  10%|█  | 5/50 [00:01<00:09, 4.10it/s]${traceback}ValueError: bad\n`, "error", "ValueError: bad"],
    ["a mistake with windows line ends and colours", `${traceback}\u001B[31mValueError\u001B[0m: bad\r\n`, "error", "ValueError: bad"],
    ["the last of a chain", `${traceback}KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n${traceback}ValueError: bad\n`, "error", "ValueError: bad"],
    ["the first of unrelated ones", `${traceback}ValueError: bad\n${traceback}FileNotFoundError: epoch_0\n`, "error", "ValueError: bad"],
    ["a mistake, then a program that tidies up", `${traceback}ValueError: bad\nException ignored in: <function tqdm.__del__>\n${traceback}AttributeError: sp\n`, "error", "ValueError: bad"],
    ["a mistake, then a cancelling by hand", `${traceback}ValueError: bad\nslurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T10:06:08 ***\n`, "error", "ValueError: bad"],
    ["time, then the interruption it causes", `slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***\n${traceback}torch.distributed.elastic.multiprocessing.api.SignalException: Process 9 got signal: 15\n`, "time limit", "JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT"],
    ["an interruption", `${traceback}KeyboardInterrupt\n`, "cancelled", "KeyboardInterrupt"],
    ["what torchrun knows, if nothing else is known", `${traceback}torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n=====\nlora FAILED\n-----\n`, "error", "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: lora FAILED"],
    ["a crash that only the shell saw", "/tmp/script: line 3:  77 Segmentation fault      (core dumped) tune run lora.py\n", "error", "/tmp/script: line 3: 77 Segmentation fault (core dumped) tune run lora.py"],
    ["a program that is not there", "/var/spool/slurmd/job7/slurm_script: line 20: tune: command not found\n", "launch failure", "/var/spool/slurmd/job7/slurm_script: line 20: tune: command not found"],
  ])("is told when a job ended by %s", (_what, text, cause, message) => {
    expect(failureIn(text)).toEqual({ cause, message });
  });

  test.each([
    ["the output is empty", ""],
    ["training went on after a traceback", `${bar(1)}${traceback}ValueError: could not log\n${bar(2)}`],
    ["training went on after memory was short", `${bar(1)}CUDA out of memory, trying a smaller batch\n${bar(2)}`],
    ["setting up went on after a traceback", `${traceback}ModuleNotFoundError: No module named 'triton'\nModel is initialized with precision torch.bfloat16.\n`],
    ["a checkpoint was saved after a traceback", `${traceback}ValueError: could not log\nCheckpoint saved in 1.00 seconds.\n`],
    ["the traceback is one that Python itself ignores", `Exception ignored in: <function tqdm.__del__ at 0x7f>\n${traceback}AttributeError: sp\n`],
    ["the traceback is of a logger", `--- Logging error ---\n${traceback}ValueError: I/O operation on closed file.\n`],
    ["a script killed its GPU monitor", "/tmp/script: line 30:  99 Killed                  nvidia-smi -l 30 > gpu_metrics.csv\n"],
    ["the GPU monitor is not there", "/tmp/script: line 8: nvidia-smi: command not found\n"],
    ["page cache was counted as memory", "slurmstepd: error: Exceeded step memory limit at some point.\n"],
    ["a configuration names an exception", "Running LoRA with resolved config:\n\nmodel: OutOfMemory\nerror: none\n"],
    ["there are warnings", "/venv/x.py:379: UserWarning: 'set_vital' is deprecated\n  torch.set_vital()\nwandb: WARNING `resume` will be ignored\n"],
  ])("is none when %s", (_what, text) => {
    expect(failureIn(text)).toBeUndefined();
  });

  test("is not undone by the bar that a dying program prints once more", () => {
    expect(failureIn(`${bar(1)}${traceback}ValueError: bad\n${bar(1)}\n`)?.message).toBe("ValueError: bad");
  });

  test("is not undone by a step that was done between the signal and the end", () => {
    expect(failureIn(`${bar(1)}slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***\n${bar(2)}`)?.cause).toBe("time limit");
  });

  test("is told in its own letters, however its bytes are cut", () => {
    const parser = new OutputParser();
    for (const byte of Buffer.from(`${traceback}ValueError: Größe ✗ 字\n`)) parser.feed(Uint8Array.of(byte));
    expect(parser.read().failure?.message).toBe("ValueError: Größe ✗ 字");
  });

  test("carries no secret and does not go on for ever", () => {
    const message = failureIn(`${traceback}OSError: 401 for https://ada:hunter2hunter2@example.org with HF_TOKEN=hf_0123456789abcdefghij0123 ${"x".repeat(10_000)}\n`)?.message ?? "";
    expect(message).not.toMatch(/hunter2|hf_0123/u);
    expect(message.length).toBeLessThanOrEqual(500);
  });
});

const traceback = "Traceback (most recent call last):\n  File \"recipe.py\", line 8, in <module>\n    sys.exit(main())\n             ^^^^^^\n";

function bar(step: number): string {
  return `\r1|${step}|Loss: 0.5:  10%|█  | ${step}/50 [00:01<00:09, 4.10it/s]`;
}

function failureIn(text: string): Failure | undefined {
  const parser = new OutputParser();
  parser.feed(Buffer.from(text));
  return parser.read().failure;
}
