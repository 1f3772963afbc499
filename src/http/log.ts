import { maskPans } from '../core/pan-in-text.ts'

/** The injected logger's part that this room uses: pino's. */
export type Log = {
  info(fields: Readonly<Record<string, string | number | undefined>>, message: string): void
  error(fields: Readonly<Record<string, string | number | undefined>>, message: string): void
}

/**
 * What may be logged of an error that nobody expected: its names and its place. The message is kept without card
 * numbers; what hangs on the error besides (a driver's detail quotes rows) is not.
 */
export function errorFields(error: unknown): Readonly<Record<string, string | undefined>> {
  if (!(error instanceof Error)) return { error_name: typeof error }
  const { code, constraint_name: constraint } = error as { code?: unknown; constraint_name?: unknown }
  return {
    error_name: error.name,
    error_code: typeof code === 'string' ? code : undefined,
    error_constraint: typeof constraint === 'string' ? constraint : undefined,
    error_message: maskPans(error.message).slice(0, 300),
    error_stack: framesOf(error.stack),
    ...(error instanceof AggregateError ? { error_causes: causesOf(error) } : {}),
  }
}

/** What several failures were, as far as a line has room. */
function causesOf({ errors }: AggregateError): string {
  const causes = errors.slice(0, 5).map((cause: unknown) => {
    const { error_name: name, error_code: code, error_message: message } = errorFields(cause)
    return [name, code, message].filter((part) => part !== undefined).join(' ')
  })
  return causes.join('; ')
}

/** The stack without its first lines, which repeat the message. */
function framesOf(stack: string | undefined): string | undefined {
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return frames?.slice(0, 12).join('\n')
}
