import { readFile } from "node:fs/promises";

import { parse } from "yaml";
import type { z } from "zod";

import { renderProblem } from "../domain/problem.ts";

/**
 * What makes a job end with a message and exit code 1.
 *
 * An exception, unlike failures elsewhere: a job is a program of its own, and all that its reader has is its output.
 */
export class JobFailure extends Error {
  override readonly name = "JobFailure";
}

/** Reads a YAML or JSON file of the given shape. Throws a JobFailure that names the file and what is wrong with it. */
export async function readJobFile<Shape>(path: string, schema: z.ZodType<Shape>): Promise<Shape> {
  const content = parseText(path, (await readBytes(path, "file")).toString("utf8"));
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new JobFailure(renderProblem({ severity: "error", file: path, message: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}` }));
}

/** Reads a file, or throws a JobFailure that says what it is that cannot be read. */
export async function readBytes(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new JobFailure(`No ${what}: ${path} ${code === "ENOENT" ? "does not exist" : `cannot be read (${message})`}`);
  }
}

function parseText(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new JobFailure(renderProblem({ severity: "error", file: path, message: (error as Error).message.split("\n", 1).join("") }));
  }
}
