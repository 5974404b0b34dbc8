import type { Failure, FailureCause } from "../../domain/failure.ts";
import { plainLine } from "../../domain/plain-text.ts";

/** Something in an output that says why a training failed. */
export interface Sign extends Failure {
  /** The stronger sign counts; of two equally strong ones the first, which is nearer to the cause. */
  readonly strength: number;
  /** Whether training can have gone on after it. */
  readonly isSurvivable: boolean;
}

/** Recognizes what SLURM, the kernel and the shell write about a job's end; undefined for any other line. */
export function parseKillLine(line: string): Sign | undefined {
  if (memoryKill.test(line)) return { ...sign("out of memory", withoutSpeaker(line)), strength: 4, isSurvivable: false };
  const cancelled = cancelLine.exec(line)?.groups;
  if (cancelled !== undefined) return { ...sign(causeOfCancelling(cancelled["reason"]), cancelled["text"] ?? line), strength: 2, isSurvivable: false };
  const died = deathOfCommand.exec(line)?.groups;
  // Scripts of this field kill their GPU monitor themselves.
  if (died === undefined || /nvidia-smi|rocm-smi/u.test(line)) return undefined;
  return { ...sign(died["how"] === "Killed" ? "out of memory" : "error", line), strength: 1, isSurvivable: true };
}

/** Says what an exception means, as the last line of its traceback shows it. */
export function judgeException(line: string): Sign {
  if (isGpuMemory(line)) return { ...sign("GPU out of memory", line), strength: 3, isSurvivable: true };
  if (hostMemory.test(line)) return { ...sign("out of memory", line), strength: 3, isSurvivable: true };
  // A signal from outside, and torchrun's remark that one of its processes failed, are never the cause themselves.
  if (/^(?:KeyboardInterrupt\b|[\w.]*\bSignalException\b)/u.test(line)) return { ...sign("cancelled", line), strength: 1, isSurvivable: true };
  return { ...sign("error", line), strength: /\bChildFailedError\b/u.test(line) ? 1 : 2, isSurvivable: true };
}

/** Whether a line says that a GPU's memory was used up, in the words of any version of PyTorch. */
export function isGpuMemory(line: string): boolean {
  return /\bOutOfMemoryError\b|\b(?:CUDA|HIP|XPU)(?: error:)? out of memory/iu.test(line);
}

/** Recognizes that a program of the script was not found: as long as no recipe runs, that may be why. */
export function parseMissingProgram(line: string): Sign | undefined {
  if (!/: command not found\s*$/u.test(line) || /nvidia-smi|rocm-smi/u.test(line)) return undefined;
  return { ...sign("launch failure", line), strength: 1, isSurvivable: true };
}

function sign(cause: FailureCause, text: string): Failure {
  return { cause, message: plainLine(text.replace(/\s+/gu, " "), 500) };
}

// cgroups: `Detected 1 oom_kill event in StepId=7.batch`, older `1 oom-kill event(s)`; without: `StepId=7.batch exceeded
// memory limit (2 > 1), being killed`, `Exceeded job memory limit`. `Exceeded step memory limit at some point` is said of
// page cache too, after jobs that ended well.
const memoryKill = /\boom[_-]kill|exceeded (?:job |step )?memory limit(?! at some point)|cgroup out-of-memory handler|\btask \d+: Out Of Memory/iu;

// `slurmstepd-n1: error: *** JOB 20 ON n1 CANCELLED AT 2026-11-21T09:38:07 DUE TO TIME LIMIT ***`; nothing after the time
// when somebody cancelled it. The line is glued to the last bar.
const cancelLine = /\*\*\* (?<text>(?:JOB|STEP) \S+ ON \S+ CANCELLED AT \S+(?: DUE TO (?<reason>.+?))?) \*\*\*/iu;

// bash: `/var/spool/slurmd/job7/slurm_script: line 12: 4242 Killed    tune run ...`; srun: `task 0: Killed`.
const deathOfCommand = /(?:\bline \d+:\s+\d+|\btask \d+:) (?<how>Killed|Segmentation fault|Aborted|Bus error|Illegal instruction)\b/u;

const hostMemory = /^(?:[\w.]*\b_?(?:Array)?MemoryError\b)|DefaultCPUAllocator: (?:can't allocate|not enough) memory/u;

function causeOfCancelling(reason = ""): FailureCause {
  if (/^TIME LIMIT/iu.test(reason)) return "time limit";
  return /^NODE FAILURE/iu.test(reason) ? "node failure" : "cancelled";
}

function withoutSpeaker(line: string): string {
  const speaker = /(?<![\w.-])(?:slurmstepd[\w.-]*|srun): error: /u.exec(line);
  return speaker === null ? line : line.slice(speaker.index + speaker[0].length);
}
