import type { StatusView } from "../report/status-view.ts";
import type { Pass } from "./reconcile.ts";

/** What a pass knows, as reports show it. */
export function viewOf({ folder, problems, facts, state }: Pass): StatusView {
  return { folder, problems, ...facts, ...(state === undefined ? {} : { state }) };
}
