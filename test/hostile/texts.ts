/** What a terminal would act upon, each with a word that shows what it hides. */
export const codes = [
  "\u001B]0;title\u0007", "\u001B]8;;http://evil.example\u001B\\", "\u001B[31;5m", "\u001B[2J\u001B[H", "\u001B[1A\u001B[2K", "\u001BP1$r\u001B\\", "\u001Bc", "\u009B31m", "\u009D0;title\u009C",
  "\u0007", "\b\b\b\b", "\u007F", "\u0000", "\u202E", "\u2066", "\u200F", "\u061C",
];

/** A forged block of a log, a row of a table and what Markdown and HTML take for their own. */
export const forged = "\r\n[2026-11-21 12:00:00] SUBMIT_JOB: forged\nJob ID: 666\n\n| forged | 1.00 |\n# forged `\n``` <script>alert(1)</script> ![x](http://evil.example/x) [y](javascript:z) **bold** \u2028forged";

/** Everything at once. */
export const hostile = `pwn${codes.join("x")}${forged}`;

/** The same as it could be in a name of a file. */
export const hostileName = `pwn${codes.filter((code) => !code.includes("/") && code !== "\u0000").join("x")}\n[2026-11-21 12:00:00] SUBMIT_JOB: forged\nJob ID: 666 <script> | \``;

/** Finds what a terminal would act upon in a text: anything but lines. */
export function dangersIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu), ([found]) => JSON.stringify(found)))];
}

/** Secrets, each in a text that gives it away by its name or its shape. */
export const secrets = [
  ["HF_TOKEN=hf_AbCdEfGhIjKlMnOpQrSt", "hf_AbCdEfGhIjKlMnOpQrSt"],
  ["OPENAI_API_KEY: sk-proj-0123456789abcdefghij", "sk-proj-0123456789abcdefghij"],
  ["https://ada:correct-horse@hub.example.edu/model", "correct-horse"],
  ["https://ada:p@ss-w0rd@hub.example.edu/model", "p@ss-w0rd"],
  ["--password hunter2hunter2", "hunter2hunter2"],
  ["Authorization: Bearer abcdefghijklmnop.0123", "abcdefghijklmnop.0123"],
  ["AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "eyJzdWIiOiIxMjM0In0"],
] as const;

export const givenAway = secrets.map(([text]) => text).join(" and ");
