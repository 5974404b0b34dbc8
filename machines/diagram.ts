import { markdownTable } from "markdown-table";
import type { AnyStateMachine } from "xstate";

import type { Ignored } from "./ignored.ts";
import type { Words } from "./words.ts";

/** One way out of a state, or around in it, as the machine has it. */
export interface Way {
  readonly from: string;
  readonly observation: string;
  /** The guard's name; `else` where the guards of the same observation before it have all failed. */
  readonly condition?: string;
  /** The same as `from` where the observation changes the context only. */
  readonly to: string;
}

/** Lists the transitions of a machine in the order it is written in. */
export function listWays(machine: AnyStateMachine): readonly Way[] {
  return Object.values(machine.states).flatMap(({ key: from, transitions }) =>
    [...transitions].flatMap(([observation, candidates]) =>
      candidates.map(({ guard, target }, index) => {
        const condition = typeof guard === "string" ? guard : index > 0 ? "else" : undefined;
        return { from, observation, to: target?.[0]?.key ?? from, ...(condition === undefined ? {} : { condition }) };
      })));
}

/**
 * Renders a machine as a Mermaid state diagram. Where several states decide alike about an observation, the decision is
 * drawn once, as a choice; what a state hears without leaving it stands in a note beside it.
 */
export function renderDiagram(machine: AnyStateMachine): string {
  const ways = listWays(machine);
  const forks = listForks(ways);
  const plain = ways.filter((way) => !forks.some((fork) => fork.observation === way.observation && fork.states.includes(way.from)));
  const moves = groupBy(plain.filter(({ from, to }) => from !== to), ({ from, to }) => `${from} --> ${to}`);
  const stays = groupBy(plain.filter(({ from, to }) => from === to), ({ from }) => from);
  return [
    "stateDiagram-v2",
    ...forks.map(({ name }) => `  state ${name} <<choice>>`),
    `  [*] --> ${machine.root.initial.target[0]?.key ?? ""}`,
    ...[...moves].map(([arrow, group]) => `  ${arrow}: ${group.map(label).join(", ")}`),
    ...forks.flatMap(({ name, observation, states, outcomes }) => [
      ...states.map((state) => `  ${state} --> ${name}: ${observation}`),
      ...outcomes.map(({ to, condition }) => `  ${name} --> ${to}: ${condition}`),
    ]),
    ...[...stays].flatMap(([state, group]) => [`  note right of ${state}`, `    also hears ${group.map(label).join(", ")}`, "  end note"]),
  ].join("\n");
}

/**
 * Renders the table of all observations (rows) and states (columns): the states an observation leads to, `stays` where
 * only the context changes, or the number of the reason why it is ignored, with the reasons as a list below.
 */
export function renderTable(machine: AnyStateMachine, observations: Words<string>, ignored: readonly Ignored[]): string {
  const states = Object.keys(machine.states);
  const ways = listWays(machine);
  const cell = (state: string, observation: string): string => {
    const handled = ways.filter((way) => way.from === state && way.observation === observation);
    if (handled.length > 0) return handled.map(outcome).join(", ");
    const reason = ignored.findIndex((group) => group.states.includes(state) && group.observations.includes(observation));
    return reason === -1 ? "?" : `${reason + 1}`;
  };
  const rows = Object.keys(observations).map((observation) => [`\`${observation}\``, ...states.map((state) => cell(state, observation))]);
  return [
    markdownTable([["", ...states], ...rows], { alignDelimiters: false }),
    "",
    ...ignored.map(({ because }, index) => `${index + 1}. ${because}`),
  ].join("\n");
}

/** Renders words and their meanings as a table of two columns. */
export function renderWords(title: string, words: Words<string>): string {
  return markdownTable([[title, "means"], ...Object.entries(words).map(([word, meaning]) => [`\`${word}\``, meaning])], { alignDelimiters: false });
}

interface Fork {
  readonly name: string;
  readonly observation: string;
  readonly states: readonly string[];
  readonly outcomes: readonly Way[];
}

// Decisions with several outcomes that at least two states share.
function listForks(ways: readonly Way[]): readonly Fork[] {
  const decisions = [...groupBy(ways, ({ from, observation }) => `${from} ${observation}`).values()].filter((group) => group.length > 1);
  const alike = groupBy(decisions, (group) => group.map((way) => `${label(way)} ${way.to}`).join("; "));
  return [...alike.values()].filter((group) => group.length > 1).map((group) => {
    const [outcomes = []] = group;
    const observation = outcomes[0]?.observation ?? "";
    return { name: observation.replaceAll(".", "_"), observation, states: group.flatMap(([way]) => way?.from ?? []), outcomes };
  });
}

function label({ observation, condition }: Way): string {
  return condition === undefined ? observation : `${observation} [${condition}]`;
}

function outcome({ from, to, condition }: Way): string {
  const where = from === to ? "stays" : `**${to}**`;
  return condition === undefined ? where : `${where} [${condition}]`;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
