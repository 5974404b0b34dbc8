import { hostname } from "node:os";

import { userName } from "../system/user.ts";

/** Who asks, as it is put on record: `ada on login1`. */
export function who(): string {
  return `${userName()} on ${hostname()}`;
}
