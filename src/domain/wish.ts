import type { CancelIntent, JobIntent } from "./job.ts";

/** What the state asks of the outside. Derived afresh in every pass, never stored. */
export type Wish =
  | { readonly kind: "submit"; readonly intent: JobIntent; readonly title: string }
  | { readonly kind: "cancel"; readonly intent: CancelIntent; readonly title: string };
