/** The bytes that tqdm sends to a file, which torchtune's users know from their `slurm-*.out`. */
export interface ProgressBar {
  /** Shows the bar anew. Time since the bar began. */
  refresh(description: string, done: number, elapsedMs: number): string;
  /** Shows the bar for the last time, and leaves its line. */
  close(elapsedMs: number): string;
}

/**
 * Prepares a bar.
 *
 * @param isSecond Whether it begins while the bar before it lives: tqdm then writes one line further down and moves
 *   the cursor up again.
 */
export function createProgressBar(total: number, isSecond: boolean): ProgressBar {
  const shown = { description: "", done: 0, width: 0 };
  return {
    refresh(description, done, elapsedMs) {
      const text = renderBar(description, done, total, elapsedMs);
      // What the line held before is overwritten, not erased.
      const padded = text.padEnd(shown.width);
      Object.assign(shown, { description, done, width: text.length });
      return isSecond ? `\n\r${padded}\u001B[A` : `\r${padded}`;
    },
    close(elapsedMs) {
      return `\r${renderBar(shown.description, shown.done, total, elapsedMs).padEnd(shown.width)}\n`;
    },
  };
}

/** Renders one line: `1|40|Loss: 10.48:  16%|█▌        | 40/250 [00:19<01:44,  2.00it/s]`. */
export function renderBar(description: string, done: number, total: number, elapsedMs: number): string {
  const part = total === 0 ? 0 : done / total;
  const rate = elapsedMs <= 0 ? 0 : (done / elapsedMs) * 1000;
  const percent = String(roundHalfEven(part * 100)).padStart(3);
  const remaining = rate === 0 ? "?" : renderDuration((total - done) / rate);
  const head = description === "" ? "" : `${description}: `;
  return `${head}${percent}%|${renderBlocks(part)}| ${done}/${total} [${renderDuration(elapsedMs / 1000)}<${remaining}, ${renderRate(rate)}]`;
}

const barWidth = 10;
const eighths = " ▏▎▍▌▋▊▉";

function renderBlocks(part: number): string {
  const filled = Math.floor(part * barWidth * eighths.length);
  const full = "█".repeat(Math.floor(filled / eighths.length));
  return (full + eighths.charAt(filled % eighths.length)).slice(0, barWidth).padEnd(barWidth);
}

function renderRate(rate: number): string {
  if (rate === 0) return "?it/s";
  return rate < 1 ? `${(1 / rate).toFixed(2).padStart(5)}s/it` : `${rate.toFixed(2).padStart(5)}it/s`;
}

function renderDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(String);
  const clock = `${minutes?.padStart(2, "0")}:${rest?.padStart(2, "0")}`;
  return hours === "0" ? clock : `${hours}:${clock}`;
}

// As Python's format does it.
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
