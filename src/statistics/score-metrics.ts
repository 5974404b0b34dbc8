import { clusteredStandardError, mean, standardDeviation, standardError, tInterval, variance } from "./sample-statistics.ts";
import { computeKitMetric } from "./kit-metrics.ts";
import { removedMetadata, type SampleScore, toFloat } from "./score-value.ts";

/** A metric as a log's header names it, with its options. */
export interface MetricSpec {
  /** May carry a package's name and a slash. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a metric came to: a number, or several by name. */
export type MetricValue = number | ReadonlyMap<string, number>;

/**
 * Computes one of inspect-ai's own metrics, or of cruijff_kit's, over scores of which none is NaN.
 *
 * @returns `undefined` for metrics of others, that draw random numbers (bootstrap), or whose options are not to
 *   be made sense of.
 */
export function computeMetric({ name, options }: MetricSpec, scores: readonly SampleScore[]): MetricValue | undefined {
  const values = scores.map(({ value }) => toFloat(value));
  const clusters = options["cluster"] === undefined ? undefined : groupBy(scores, values, options["cluster"]);
  if (options["cluster"] !== undefined && clusters === undefined) return undefined;
  const short = shortName({ name });
  switch (short) {
    case "accuracy":
    case "mean": return mean(values);
    case "std": return standardDeviation(values);
    case "var": return variance(values);
    case "stderr": return clusters === undefined ? standardError(values) : clusteredStandardError([...clusters.values()]);
    case "ci": return interval(options, values, clusters);
    case "grouped": return grouped(options, scores);
    default: return computeKitMetric(short, scores, options["n_bins"]);
  }
}

/** A metric's name without the package that it is from. */
export function shortName({ name }: Pick<MetricSpec, "name">): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function interval({ level = 0.95, method = "t" }: MetricSpec["options"], values: readonly number[], clusters: ReadonlyMap<string, readonly number[]> | undefined): MetricValue | undefined {
  if (method !== "t" || typeof level !== "number" || !(level > 0 && level < 1)) return undefined;
  const { lower, upper } = tInterval(values, level, clusters === undefined ? undefined : [...clusters.values()]);
  return new Map([["lower", lower], ["upper", upper]]);
}

function grouped({ metric, group_key: key, all = "samples", all_label: label = "all", name_template: template = "{group_name}" }: MetricSpec["options"], scores: readonly SampleScore[]): MetricValue | undefined {
  // Of nothing that was scored there are no groups, and no mean.
  if (scores.length === 0) return typeof label === "string" && all !== false ? new Map([[label, Number.NaN]]) : undefined;
  const inner = innerMetric(metric);
  const groups = typeof key === "string" ? groupBy(scores, scores, key) : undefined;
  if (inner === undefined || groups === undefined || typeof label !== "string" || typeof template !== "string" || /[{}]/u.test(template.replaceAll("{group_name}", ""))) return undefined;
  const ofGroups = new Map<string, number>();
  for (const [group, members] of groups) {
    const value = computeMetric(inner, members);
    if (typeof value !== "number") return undefined;
    ofGroups.set(template.replaceAll("{group_name}", () => group), value);
  }
  if (all === false) return ofGroups;
  const overall = all === "groups" ? mean([...ofGroups.values()]) : computeMetric(inner, scores);
  return typeof overall === "number" && !ofGroups.has(label) ? ofGroups.set(label, overall) : undefined;
}

function innerMetric(metric: unknown): MetricSpec | undefined {
  if (typeof metric !== "object" || metric === null || !("name" in metric) || typeof metric.name !== "string") return undefined;
  const options = "params" in metric && typeof metric.params === "object" && metric.params !== null ? metric.params as MetricSpec["options"] : {};
  return { name: metric.name, options };
}

// By the text that Python makes of the value, in the order of their first samples; undefined where a sample has none.
function groupBy<Item>(scores: readonly SampleScore[], items: readonly Item[], key: unknown): ReadonlyMap<string, readonly Item[]> | undefined {
  const groups = new Map<string, Item[]>();
  for (const [index, item] of items.entries()) {
    const value = scores[index]?.metadata[String(key)];
    if (value === undefined || value === null || value === removedMetadata || Number.isNaN(value)) return undefined;
    const name = pythonText(value);
    if (name === undefined) return undefined;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

// Whole numbers of Python's float type have lost their ".0" in no log: they are told apart from integers nowhere.
function pythonText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string": return value;
    case "boolean": return value ? "True" : "False";
    // 0.00001 is 1e-05.
    case "number": return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential().replace(/e-(?=\d$)/u, "e-0") : String(value);
    default: return undefined;
  }
}
