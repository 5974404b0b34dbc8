/**
 * Masks tokens and keys in text that is about to be written or shown, by name and by shape.
 *
 * A small table of our own: the libraries for this scan repositories (secretlint, 2 MB of rules) or redact objects by
 * key; what is wanted here is one pass over the tail of a log.
 */
export function maskSecrets(text: string): string {
  // No shape is shorter.
  if (text.length < 8) return text;
  let masked = text;
  for (const shape of shapes) masked = masked.replace(shape, (_whole, kept: unknown) => `${typeof kept === "string" ? kept : ""}***`);
  return masked;
}

// In each pattern the first group, where there is one, is what stays readable before the secret.
const shapes: readonly RegExp[] = [
  // NAME=value, NAME: value, "NAME": "value", --name value, of names that say they hold a secret.
  // The look-behind and the bound keep this linear on long runs of word characters.
  /((?:(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{0,64}?(?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|credentials?)|HF_TOKEN|WANDB_API_KEY)["']?(?:\s*[=:]\s*|\s+)["']?)(?=[^\s"',;]*[0-9A-Z_-])(?!\s)[^\s"',;]{8,}/giu,
  /(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gu,
  // A password may hold an @ itself. The look-behind lets a run of letters, dots and dashes begin only once.
  /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:)[^\s/]+(?=@)/giu,
  /\bhf_[A-Za-z0-9]{16,}/gu,
  /\bsk-[A-Za-z0-9_-]{16,}/gu,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/gu,
  /\bglpat-[A-Za-z0-9_-]{16,}/gu,
  /\bxox[abposr]-[A-Za-z0-9-]{10,}/gu,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/gu,
  /\bAIza[A-Za-z0-9_-]{30,}/gu,
  /\beyJ[A-Za-z0-9_-]{8,1024}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/gu,
];
