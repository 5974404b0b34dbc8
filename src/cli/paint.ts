import { styleText } from "node:util";

import type { Paint, Tone } from "../report/paint.ts";

/** The colours of this terminal, or none where nobody wants them (https://no-color.org). */
export const terminalPaint: Paint = (tone, text) => (process.stdout.isTTY && process.env["NO_COLOR"] === undefined ? styleText(styles[tone], text) : text);

const styles: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  good: "green", bad: "red", busy: "cyan", waiting: "yellow", faint: "dim", strong: "bold",
};
