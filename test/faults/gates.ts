import { writeFileSync } from "node:fs";

import type { Stage } from "./stage.ts";

/** Jobs that wait before their work until their gate is open. */
export function gated(...units: readonly string[]): { readonly before: Readonly<Record<string, string>> } {
  return { before: Object.fromEntries(units.map((unit) => [unit, `until [ -e "$STAGE/${gateOf(unit)}" ]; do [ -d "$STAGE" ] || exit; sleep 0.05; done`])) };
}

/** Opens the gate of a unit. */
export function open({ at }: Stage, unit: string): void {
  writeFileSync(at(gateOf(unit)), "");
}

function gateOf(unit: string): string {
  return `gate of ${unit.replaceAll("/", " ")}`;
}
