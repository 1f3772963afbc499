/** Too many requests wait for the database already: the client is told to come back, and nothing was begun for it. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'
  constructor() {
    super('too many requests are waiting for the database')
  }
}

/** What the driver says when the database is away or busy: nothing was decided, and repeating is safe with a key. */
const BUSY: ReadonlySet<unknown> = new Set([
  '40P01', // a deadlock, which the database broke by ending this one
  '53300', // too many connections
  '55P03', // lock not available in time
  '57014', // canceled by a timeout of ours
  '57P01', // the server shuts down
  '57P03', // the server starts up
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT', // the embedded server's socket is not there yet
])

/** Whether the database could not be asked just now. An error with a status of HTTP is about the request instead. */
export function isBusy(error: unknown): boolean {
  if (error instanceof QueueFull) return true
  if (!(error instanceof Error)) return false
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown }
  return statusCode === undefined && BUSY.has(code)
}
