import { type Figures, nameOf, type PointResult } from "./sweep.ts";

/** Renders what a sweep came to, a figure a line. */
export function renderFigures(figures: Figures): string {
  const { kills, restarts, points, unreached, submissions, units, duplicates, lost, wallMs, failures } = figures;
  return [
    `kills        ${kills} at ${points} points (${unreached} not reached)`,
    `restarts     ${restarts}`,
    `units        ${units}`,
    `submissions  ${submissions}`,
    `duplicates   ${duplicates}`,
    `lost         ${lost}`,
    `failures     ${failures.length}`,
    `wall time    ${Math.round(wallMs / 1000)} s`,
  ].join("\n");
}

/** Renders what is wrong at a point. */
export function renderPoint({ point, killedAt, complaint, complaints, folder }: PointResult): string {
  return [
    `killed at ${nameOf(point)}:`, ...killedAt.map((call) => `  ${call}`),
    ...[complaint, ...complaints].flatMap((text) => text?.split("\n").map((line) => `  - ${line}`) ?? []), `  kept: ${folder}`,
  ].join("\n");
}
