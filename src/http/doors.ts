import type { FastifyInstance } from 'fastify'
import type { Dialect } from '../core/session.ts'
import type { ApiDeps, DoorsDeps } from './api/api.ts'
import { registerApi } from './api/index.ts'
import { KnownKeys } from './authenticate.ts'
import { DIALECT_ROUTES } from './dialects/index.ts'

/** Opens the native door, and those for clients of other systems that this server has. @returns what they stand on */
export function registerDoors(app: FastifyInstance, deps: DoorsDeps, dialects: readonly Dialect[]): ApiDeps {
  const all: ApiDeps = { ...deps, keys: new KnownKeys(deps.env) }
  app.decorateRequest('caller', null)
  app.decorateRequest('card', null)
  registerApi(app, all)
  for (const dialect of dialects) DIALECT_ROUTES[dialect]?.(app, all)
  return all
}
