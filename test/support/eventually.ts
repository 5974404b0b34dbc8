import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";

/**
 * Waits until the world is as it should be, looking again every few milliseconds. Not a sleep: it returns as soon as
 * the condition holds, and the deadline only turns a hang into a failure.
 */
export async function eventually(condition: () => boolean | Promise<boolean>, what = "the condition", deadlineMs = 50_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  await nextTurn();
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what} did not come true within ${deadlineMs / 1000} s`);
    await pause(10);
  }
}
