/**
 * Decides what becomes of a command when nobody reads any more what it says: its reader has ended (`| head`), or the
 * terminal it was left running in is gone.
 *
 * @param goesOn Whether it does work that must go on unheard. Else it ends, as it would have by SIGPIPE.
 */
export function outliveListeners(goesOn: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
      if (!goesOn) process.exit(0);
    });
  }
}
