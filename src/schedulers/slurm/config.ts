import { parseConfig, type SlurmConfig } from "./parse-config.ts";
import { complaintOf, isGood, type Programs } from "./programs.ts";

/** The cluster's configuration, or why it is not known yet. */
export type ConfigAnswer = { readonly kind: "known"; readonly config: SlurmConfig } | { readonly kind: "unknown"; readonly reason: string };

/** Reads the cluster's configuration once. While that fails it is tried again, at most once per `retryMs`. */
export function configReader(programs: Programs, monotonicMs: () => number, retryMs: number): () => Promise<ConfigAnswer> {
  let answer: Promise<ConfigAnswer> | undefined;
  let askedMs = -Infinity;
  return async () => {
    const isKnown = answer !== undefined && (await answer).kind === "known";
    if (answer === undefined || (!isKnown && monotonicMs() - askedMs >= retryMs)) {
      askedMs = monotonicMs();
      answer = readConfig(programs);
    }
    return answer;
  };
}

async function readConfig(programs: Programs): Promise<ConfigAnswer> {
  const end = await programs.ask("scontrol", ["show", "config"]);
  if (!isGood(end)) return { kind: "unknown", reason: complaintOf("scontrol", end) };
  const config = parseConfig(end.stdout);
  return config === undefined ? { kind: "unknown", reason: "what scontrol show config printed cannot be understood" } : { kind: "known", config };
}
