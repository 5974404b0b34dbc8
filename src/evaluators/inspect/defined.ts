/** Leaves out what is not known. */
export function defined<T extends object>(fields: { readonly [Key in keyof T]-?: T[Key] | ({} extends Pick<T, Key> ? undefined : never) }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
