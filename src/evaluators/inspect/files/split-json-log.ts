import { Damage } from "../damage.ts";
import { logScanner } from "./scan-json-log.ts";

/** A piece of a `.json` log: the fields before its samples, one sample, or all fields; fields have no samples in them. */
export interface LogPiece {
  readonly kind: "head" | "sample" | "fields";
  readonly text: string;
}

/**
 * Splits a `.json` log as its bytes come: the fields before the samples, each sample, then all fields.
 *
 * Such a log is one JSON object, nearly all of it samples, and can be larger than V8's longest string. Who wants the
 * header alone stops after the first piece. Throws Damage where the object never ends, or a piece is too long.
 */
export async function* splitJsonLog(chunks: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<LogPiece> {
  const step = logScanner();
  const fields = pieceOfText(limitBytes);
  const sample = pieceOfText(limitBytes);
  let open: PieceOfText | undefined = fields;
  let isOver = false;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      switch (step(chunk[at] ?? 0)) {
        case undefined: break;
        case "samples begin":
          fields.add(chunk.subarray(from, at + 1));
          open = undefined;
          yield { kind: "head", text: `${fields.text()}]}` };
          break;
        case "sample begins":
          from = at;
          open = sample;
          break;
        case "sample ends":
          sample.add(chunk.subarray(from, at + 1));
          open = undefined;
          yield { kind: "sample", text: sample.text() };
          sample.clear();
          break;
        case "samples end":
          from = at;
          open = fields;
          break;
        case "log ends":
          isOver = true;
      }
    }
    open?.add(chunk.subarray(from));
  }
  if (!isOver) throw new Damage("ends in the middle: it is cut off, or being written");
  yield { kind: "fields", text: fields.text() };
}

type PieceOfText = ReturnType<typeof pieceOfText>;

function pieceOfText(limitBytes: number) {
  let chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add(chunk: Buffer): void {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new Damage("has a part too large to be read", { expected: `at most ${limitBytes} bytes` });
      chunks.push(chunk);
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
    clear(): void {
      chunks = [];
      bytes = 0;
    },
  };
}
