import prettyMs from "pretty-ms";

/** Formats a duration as the documents do: `4m 52s`, `1h 5m 3s`, `0s`; milliseconds are cut off. */
export function formatElapsed(ms: number): string {
  return ms < 1000 ? "0s" : prettyMs(Math.floor(ms / 1000) * 1000, { secondsDecimalDigits: 0 });
}
