import { describe, expect, test } from "vitest";

import { findInCode, importsOf, readSources, type Source } from "../support/sources.ts";
import { machines } from "./machines.ts";

describe.each(machines)("the $name machine", ({ machine }) => {
  test("has states that listen, and nothing else: no actors, no delays, no entry, exit or eventless transitions", () => {
    for (const [state, config] of Object.entries(machine.config.states ?? {})) expect([state, ...Object.keys(config as object)]).toEqual([state, "on"]);
    expect(Object.keys(machine.config).sort()).toEqual(["context", "id", "initial", "schemas", "states"]);
    expect(Object.keys({ ...machine.implementations.actors, ...machine.implementations.delays })).toEqual([]);
  });

  test("has no action that does anything but note something in the context", () => {
    const kinds = Object.entries(machine.implementations.actions).map(([name, action]) => [name, (action as { type?: string }).type]);
    expect(kinds.filter(([, kind]) => kind !== "xstate.assign")).toEqual([]);
  });
});

describe("a state changes in machines/lives.ts, and nowhere else", () => {
  const sources = readSources().filter(({ path }) => path !== "machines/lives.ts");

  test("since nothing else imports what could drive a machine", () => {
    expect(sources.flatMap(driversIn)).toEqual([]);
  });

  test("since nothing else writes a state by hand", () => {
    expect(sources.flatMap(writtenStatesIn)).toEqual([]);
  });

  test.each([
    ['import { createActor, type AnyStateMachine } from "xstate";', ["src/rules/a.ts:1: imports createActor of xstate"]],
    ['import * as xstate from "xstate";', ["src/rules/a.ts:1: imports * as xstate of xstate"]],
    ['const { transition } = await import("xstate");', ["src/rules/a.ts:1: imports * of xstate"]],
    ['import { fromPromise } from "xstate/actors";', ["src/rules/a.ts:1: imports fromPromise of xstate/actors"]],
    ['const a = 1;\nlife.state = "ready";', ["src/rules/a.ts:2: writes .state ="]],
    ['const next = { ...life, state: "trained" };', ["src/rules/a.ts:1: writes state: \"trained\""]],
    ['const isReady = life.state === "ready"; const job = { state: "RUNNING" };', []],
  ])("as is found in `%s`", (text, complaints) => {
    const source = { path: "src/rules/a.ts", text };
    expect([...driversIn(source), ...writtenStatesIn(source)]).toEqual(complaints);
  });
});

// Types drive nothing, and the machines themselves need the words they are written in.
function driversIn(source: Source): string[] {
  const harmless = /^machines\/(?:run|evaluation|experiment)\.ts$/u.test(source.path) ? ["assertEvent", "assign", "setup"] : [];
  return importsOf(source).filter(({ specifier }) => /^xstate(?:$|\/)/u.test(specifier)).flatMap(({ specifier, values, line }) =>
    values.filter((name) => !harmless.includes(name)).map((name) => `${source.path}:${line}: imports ${name} of ${specifier}`));
}

function writtenStatesIn(source: Source): string[] {
  const words = new Set(machines.flatMap(({ states }) => Object.keys(states)));
  const assigned = findInCode(source, /\.state\s*=(?![=>])/gu);
  const literals = findInCode(source, /\bstate:\s/gu).flatMap(({ line }) => {
    const named = source.text.split("\n")[line - 1]?.match(/\bstate: "[a-z]+"(?=\s*[,}])/gu) ?? [];
    return named.filter((literal) => words.has(literal.slice(8, -1))).map((found) => ({ found, line }));
  });
  return [...assigned, ...literals].map(({ found, line }) => `${source.path}:${line}: writes ${found}`);
}
