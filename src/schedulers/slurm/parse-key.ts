/**
 * Parses the key of a job out of the path of its script, as squeue (`%o`) and sacct (SubmitLine) show it:
 * `/exp/.nightshift/jobs/KEY/finetune.slurm`, with or without more words around it.
 */
export function parseKey(text: string): string | undefined {
  return /\/\.nightshift\/jobs\/(?<key>[^/]+)\/(?!.*\/\.nightshift\/jobs\/)/su.exec(text)?.groups?.["key"];
}
