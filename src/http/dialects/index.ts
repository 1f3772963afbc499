import type { FastifyInstance } from 'fastify'
import type { Dialect } from '../../core/session.ts'
import type { DoorDeps } from './door.ts'

/** The routes of each door for clients of another system. Deleting a folder and its line here closes it for good. */
export const DIALECT_ROUTES: Partial<Readonly<Record<Dialect, (app: FastifyInstance, deps: DoorDeps) => void>>> = {}
