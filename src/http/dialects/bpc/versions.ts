import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refused } from '../../errors.ts'

/** The dated versions that the system's pages show. They differ in nothing that we say. */
const VERSIONS: readonly string[] = ['2023-10-31', '2023-11-15']
const DEFAULT_VERSION = '2023-10-31'

/** Every answer says which version it is in: the one that was asked for, or the default one. @throws Refused */
export function settleVersion({ headers }: FastifyRequest, reply: FastifyReply): void {
  const asked = headers['x-version']
  const isKnown = typeof asked === 'string' && VERSIONS.includes(asked)
  reply.header('x-version', isKnown ? asked : DEFAULT_VERSION)
  if (asked === undefined || isKnown) return
  throw new Refused({ code: 'parameter_invalid_enum', param: 'X-Version', detail: VERSIONS.join(', ') })
}

/** An endpoint's version: its own where it is one of the system's. */
export const versionOf = (asked: string | null): string =>
  asked !== null && VERSIONS.includes(asked) ? asked : DEFAULT_VERSION
