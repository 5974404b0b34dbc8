import { join, resolve } from "node:path";

import type { Experiment } from "../domain/experiment.ts";
import type { Design } from "./build-places.ts";
import { decodeText } from "./decode-text.ts";
import { type DesignContent, readDesignFile } from "./design-files.ts";
import { designPaths } from "./layouts.ts";
import { memoized } from "./memoized.ts";
import { parseScript } from "./parse-script.ts";
import { parseTrainingConfig } from "./parse-training-config.ts";

/** The scripts and configurations of an experiment, read. Paths are absolute. */
export interface ReadDesign extends Design {
  readonly content: (path: string) => DesignContent | undefined;
}

/**
 * Reads the scripts and configurations that an experiment may have.
 *
 * @param standing What stands in its folder, relative: only that is read.
 */
export async function readDesign({ folder, ...experiment }: Experiment, standing: ReadonlySet<string>): Promise<ReadDesign> {
  const there = new Set([...standing].map((path) => join(folder, path)));
  const contents = new Map<string, DesignContent>();
  await Promise.all([...new Set(designPaths({ folder, ...experiment }))].filter((path) => there.has(path)).map(async (path) => {
    const content = await readDesignFile(path);
    if (content === undefined) there.delete(path);
    else contents.set(path, content);
  }));
  const content = (path: string): DesignContent | undefined => contents.get(resolve(path));
  return {
    exists: (path) => there.has(path),
    content,
    script: (path) => ifRead(content(path), scriptOf),
    config: (path) => ifRead(content(path), (key) => configOf(key, path)),
  };
}

/** The text of a script or configuration; what is no UTF-8 is taken byte by byte, as a shell does. */
export function textOf({ bytes = Buffer.alloc(0) }: DesignContent): string {
  const decoded = decodeText(bytes, "");
  return "text" in decoded ? decoded.text : bytes.toString("latin1");
}

const scriptOf = memoized((content: DesignContent) => parseScript(textOf(content)));
const configOf = memoized((content: DesignContent, file: string) => parseTrainingConfig(textOf(content), file));

function ifRead<Answer>(content: DesignContent | undefined, parse: (content: DesignContent) => Answer): Answer | undefined {
  return content?.bytes === undefined ? undefined : parse(content);
}
