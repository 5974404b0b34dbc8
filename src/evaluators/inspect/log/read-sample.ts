import { Damage } from "../damage.ts";
import { parsePart } from "./parse-samples.ts";
import type { ZipFile } from "../files/zip-file.ts";
import { readZipMember } from "../files/zip-member.ts";

/** Which sample of a log is meant. */
export interface SampleName {
  readonly id: string | number;
  readonly epoch: number;
}

/**
 * Reads one sample of an `.eval` log in full, as JSON: of a chunked one without its messages and events.
 *
 * `undefined` where the log has no member for it. Samples 1 and "1" have the same member. Throws Damage.
 */
export async function readSampleText(zip: ZipFile, { id, epoch }: SampleName, limitBytes: number): Promise<string | undefined> {
  const { members, readAt } = zip;
  const name = `samples/${id}_epoch_${epoch}`;
  const whole = members.get(`${name}.json`);
  if (whole !== undefined) return (await readZipMember(readAt, whole, limitBytes)).toString("utf8");
  const shell = members.get(`${name}/sample.json`);
  if (shell === undefined) return undefined;
  const text = (await readZipMember(readAt, shell, limitBytes)).toString("utf8");
  if (!text.includes('"attachment://')) return text;
  const attachments = await readAttachments(zip, `${name}/attachments/`, limitBytes);
  // Long texts of a message are kept apart, by their place in the list.
  return text.replaceAll(/"attachment:\/\/(\d+)"/gu, (reference, index: string) => {
    const attachment = attachments[Number(index)];
    return attachment === undefined ? reference : JSON.stringify(attachment);
  });
}

// Each member is named by the place of its first text in the list.
async function readAttachments({ members, readAt }: ZipFile, folder: string, limitBytes: number): Promise<readonly string[]> {
  const attachments: string[] = [];
  let bytes = 0;
  for (let next = members.get(`${folder}0.json`); next !== undefined; next = members.get(`${folder}${attachments.length}.json`)) {
    bytes += next.bytes;
    if (bytes > limitBytes) throw new Damage("has a sample too large to be read", { expected: `at most ${limitBytes} bytes` });
    const texts = parseTexts((await readZipMember(readAt, next, limitBytes)).toString("utf8"));
    if (texts.length === 0) break;
    attachments.push(...texts);
  }
  return attachments;
}

function parseTexts(text: string): readonly string[] {
  const parsed = parsePart(text, "a sample");
  return Array.isArray(parsed) && parsed.every((one) => typeof one === "string") ? parsed : [];
}
