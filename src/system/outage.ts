import { dirname } from "node:path";

/**
 * Says in a sentence what keeps a file system from being written or read, where waiting or a person helps; `undefined`
 * for errors that are none of that.
 *
 * Node.js has names for only some of them: a used up quota comes as `Unknown system error -122`.
 */
export function describeOutage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("errno" in error) || typeof error.errno !== "number") return undefined;
  const outage = outages.get(Math.abs(error.errno));
  if (outage === undefined) return undefined;
  const place = placeOf(error);
  return `${outage.sentence} (${outage.name}${place === undefined ? "" : `, in ${place}`})`;
}

// The folder, not the file, whose name may be another one at every try.
function placeOf(error: Error): string | undefined {
  const { dest, path, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  const file = dest ?? path;
  return file === undefined || !["open", "rename", "link", "unlink"].includes(syscall ?? "") ? file : dirname(file);
}

interface Outage {
  readonly name: string;
  readonly sentence: string;
}

// Linux' numbers; those below 40 are the same everywhere.
const outages: ReadonlyMap<number, Outage> = new Map([
  [1, { name: "EPERM", sentence: "this user may not do that here" }],
  [5, { name: "EIO", sentence: "the disk or the file server reports an error" }],
  [6, { name: "ENXIO", sentence: "a pipe or a device stands where a file belongs" }],
  [13, { name: "EACCES", sentence: "this user has no permission here" }],
  [20, { name: "ENOTDIR", sentence: "a file stands where a folder belongs" }],
  [21, { name: "EISDIR", sentence: "a folder stands where a file belongs" }],
  [27, { name: "EFBIG", sentence: "a limit of this session does not allow a file of that size" }],
  [28, { name: "ENOSPC", sentence: "the disk is full" }],
  [30, { name: "EROFS", sentence: "the file system can only be read" }],
  [40, { name: "ELOOP", sentence: "a symbolic link stands where a file or folder of the experiment's own belongs, and nothing is written through it" }],
  [110, { name: "ETIMEDOUT", sentence: "the file server does not answer" }],
  [116, { name: "ESTALE", sentence: "the file server has forgotten this folder" }],
  [122, { name: "EDQUOT", sentence: "the disk quota is used up" }],
  [126, { name: "ENOKEY", sentence: "this session has no credentials for the file server; log in again or renew them (kinit)" }],
  [127, { name: "EKEYEXPIRED", sentence: "this session's credentials for the file server have expired; renew them (kinit)" }],
  [128, { name: "EKEYREVOKED", sentence: "this session's credentials for the file server were revoked; log in again" }],
  [129, { name: "EKEYREJECTED", sentence: "the file server refuses this session's credentials; renew them (kinit)" }],
]);
