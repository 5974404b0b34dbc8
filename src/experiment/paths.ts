import { isAbsolute, relative } from "node:path";

/** Whether a path is a folder or lies inside it, by name alone. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}
