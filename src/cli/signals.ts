/**
 * Resolves with the signal's name when a person or the system asks this process to stop; a second one ends it at once.
 *
 * To be called before the work begins: a signal that comes earlier ends this process as a crash would.
 */
export async function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal === "SIGINT" ? "Ctrl-C" : signal);
      });
    }
  });
}
