/** Breaks one line of text at spaces so that no line is wider than `width`, each begun with `indent`. A word is cut only where it is wider than a line. */
export function wrap(text: string, width: number, indent = ""): string {
  const room = Math.max(1, width - indent.length);
  const lines = [""];
  for (const word of text.split(" ").flatMap((long) => cut(long, room))) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${indent}${line}`).join("\n");
}

function cut(word: string, room: number): string[] {
  const characters = Array.from(word);
  return Array.from({ length: Math.max(1, Math.ceil(characters.length / room)) }, (_, index) => characters.slice(index * room, (index + 1) * room).join(""));
}
