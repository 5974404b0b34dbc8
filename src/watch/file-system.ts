import { statfsSync } from "node:fs";

/**
 * Whether the kernel hears of every change in a folder: true on this machine's own file systems, false on network ones,
 * where another machine's writes are never announced, and on anything unknown.
 *
 * Magic numbers: statfs(2) and linux/magic.h.
 */
export function deliversEvents(folder: string): boolean {
  try {
    // macOS and Windows do not give Linux's numbers; FSEvents reports local changes there.
    return process.platform !== "linux" || localTypes.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}

const localTypes = new Set([
  0xef53, // ext2, ext3, ext4
  0x5846_5342, // xfs
  0x9123_683e, // btrfs
  0x0102_1994, // tmpfs
  0x2fc1_2fc1, // zfs
  0xf2f5_2010, // f2fs
  0x794c_7630, // overlay, the root of most containers: writes through it are heard, writes beneath it are left to the scan
]);
