import { readdirSync } from "node:fs";

/**
 * Finds the names of the GPUs that jobs may use: those of CUDA_VISIBLE_DEVICES where it is set, else /dev/nvidia0, ...
 *
 * As in CUDA, the list ends at its first negative entry, and names may be UUIDs.
 */
export function findGpus(environment: NodeJS.ProcessEnv, deviceFolder = "/dev"): readonly string[] {
  const visible = environment["CUDA_VISIBLE_DEVICES"];
  if (visible !== undefined) {
    const names = visible.split(",").map((name) => name.trim());
    const end = names.findIndex((name) => name === "" || name.startsWith("-") || name === "NoDevFiles");
    return [...new Set(end === -1 ? names : names.slice(0, end))];
  }
  return namesIn(deviceFolder).filter((name) => /^nvidia\d+$/u.test(name)).map((name) => name.slice("nvidia".length)).toSorted((a, b) => Number(a) - Number(b));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
