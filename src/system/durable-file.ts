import { closeSync, existsSync, fchmodSync, fchownSync, fstatSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes a file so that after a crash or a power failure it is there whole, as it was before or as it is now.
 *
 * A temporary file in the same folder is written, fsynced and renamed; then the folder is fsynced. All calls are
 * synchronous: what comes after this call in the program comes after it on the disk.
 *
 * A file that is replaced hands its permissions and its group on; a new one takes the group of a setgid folder, wherever
 * its temporary file stood.
 *
 * @param options.mode Permissions, set exactly; by default those of the file that is replaced, else what the umask
 *   leaves of 0666.
 * @param options.tempFolder Where the temporary file stands, on the same file system. A process killed before its
 *   rename leaves it behind.
 */
export function writeFileDurably(path: string, content: string | Uint8Array, options: { readonly mode?: number; readonly tempFolder?: string } = {}): void {
  const temp = writeTemp(options.tempFolder ?? dirname(path), content, rightsOf(path, options.mode));
  try {
    renameSync(temp, path);
  } catch (error) {
    removeTemp(temp);
    throw error;
  }
  syncFolder(dirname(path));
}

/**
 * Creates a file with its content in one step, unless something of that name is there.
 *
 * Made by `link`, which is exclusive on network file systems too; where a server repeats a request and answers EEXIST
 * to its own success, the link count tells.
 *
 * @returns Whether this call created it.
 */
export function createExclusively(path: string, content: string): boolean {
  const temp = writeTemp(dirname(path), content);
  try {
    linkSync(temp, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return statSync(temp).nlink === 2;
  } finally {
    removeTemp(temp);
  }
  syncFolder(dirname(path));
  return true;
}

/**
 * Makes a folder and its missing parents, each of them durably.
 *
 * Not by `mkdir` with `recursive`, which in Node.js 20 never returns where a file system answers ENOENT though the
 * parent is there, as /proc does.
 */
export function ensureFolder(path: string): void {
  if (existsSync(path)) return;
  ensureFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  syncFolder(dirname(path));
}

/** Writes the entries of a folder to the disk, where the file system can do that. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some network and FUSE file systems know no fsync of folders; they have nothing better to offer.
    if (!["EINVAL", "ENOTSUP", "EBADF", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    closeSync(descriptor);
  }
}

interface Rights {
  readonly mode?: number | undefined;
  readonly group?: number | undefined;
}

function rightsOf(path: string, mode: number | undefined): Rights {
  const earlier = statSync(path, { throwIfNoEntry: false });
  if (earlier !== undefined) return { mode: mode ?? earlier.mode & 0o777, group: earlier.gid };
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  return { mode, group: folder !== undefined && (folder.mode & setgid) !== 0 ? folder.gid : undefined };
}

const setgid = 0o2000;

function writeTemp(folder: string, content: string | Uint8Array, rights: Rights = {}): string {
  const [temp, descriptor] = openTemp(folder);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    giveRights(descriptor, rights);
    fsyncSync(descriptor);
    closeSync(descriptor);
    return temp;
  } catch (error) {
    try {
      closeSync(descriptor);
    } catch {
      // Closed already: close itself can report a write that failed late, as on a full quota over NFS.
    }
    removeTemp(temp);
    throw error;
  }
}

function giveRights(descriptor: number, { mode, group }: Rights): void {
  const { uid, gid } = fstatSync(descriptor);
  if (group !== undefined && group !== gid) {
    try {
      fchownSync(descriptor, uid, group);
    } catch (error) {
      // Only members of a group may give it away; who is none could write here nevertheless.
      if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    }
  }
  if (mode !== undefined) fchmodSync(descriptor, mode & 0o7777);
}

let count = 0;

// Another host may have a process of the same number, and so may the time before a crash: taken names are passed over.
function openTemp(folder: string): [path: string, descriptor: number] {
  for (;;) {
    count += 1;
    const path = join(folder, `.nightshift-${process.pid}-${count}.tmp`);
    try {
      return [path, openSync(path, "wx")];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function removeTemp(path: string): void {
  rmSync(path, { force: true });
}
