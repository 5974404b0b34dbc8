/**
 * Whether a file of this name is taken for a log, by inspect-ai's own rule: any `.eval`, and a `.json` that begins with
 * the time of its creation. Names that begin with a dot are files in the making.
 */
export function isLogName(name: string): boolean {
  if (name.startsWith(".")) return false;
  return name.endsWith(".eval") || /^\d{4}-\d{2}-\d{2}T\d{2}[:-]\d{2}[:-]\d{2}.*\.json$/u.test(name);
}
