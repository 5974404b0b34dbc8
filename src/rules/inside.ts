/** Whether a path is a folder's own or leads into it. */
export function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** A path relative to the experiment's folder where it lies inside, else as it is. */
export function inside(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
