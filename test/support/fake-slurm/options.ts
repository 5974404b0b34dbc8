/**
 * Parses options as getopt_long would: `-h`, `-o FORMAT`, `--delimiter=X`. The table says which take a value.
 *
 * Throws for one that is not in it: a test that asks the fake for what it does not know must not pass by chance.
 */
export function parseOptions(parameters: readonly string[], table: Readonly<Record<string, boolean>>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index < parameters.length; index += 1) {
    const [name = "", value] = (parameters[index] ?? "").replace(/^-/u, "").split(/=(.*)/su);
    const takesValue = table[name];
    if (takesValue === undefined) throw new Error(`the fake does not know the option -${name}`);
    if (takesValue && value === undefined) index += 1;
    found.set(name, takesValue ? value ?? parameters[index] ?? "" : "");
  }
  return found;
}
