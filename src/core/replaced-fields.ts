/**
 * The fields of a record that a change replaced, as they were: an event keeps them, and each door renders from them what
 * it calls previous attributes. Undefined when nothing changed: then nobody need be told.
 */
export function replacedFields<T extends object>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): Readonly<Record<string, unknown>> | undefined {
  const replaced = fields.filter((field) => spelled(before[field]) !== spelled(after[field]))
  if (replaced.length === 0) return undefined
  return Object.fromEntries(replaced.map((field) => [field, before[field]]))
}

/** JSON has no bigint; an amount is never compared with a text here. */
const spelled = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? member.toString() : member))
