/** Renders a value as JSON that says the same and does nothing to a terminal. */
export function renderJson(value: unknown): string {
  return escapeForTerminal(JSON.stringify(value, undefined, 2));
}

/** Escapes what JSON allows in its strings and a terminal would act upon: 8-bit control codes and marks that turn text around. */
export function escapeForTerminal(json: string): string {
  return json.replace(/[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu, (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
