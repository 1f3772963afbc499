import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import { errorFields } from '../../src/http/log.ts'

/** The program's own logger at its most talkative, into memory. */
export function captureLog(): { readonly log: Logger; readonly logged: readonly string[] } {
  const logged: string[] = []
  const sink = new Writable({
    write(line, _, done) {
      logged.push(String(line))
      done()
    },
  })
  return { log: pino({ level: 'trace', base: null, serializers: { err: errorFields } }, sink), logged }
}
