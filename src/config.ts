import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { DIALECTS, type Dialect } from './core/session.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The settings, none of them secret but the sandbox bank's token, behind which is play money. */
export type Config = {
  readonly host: string
  readonly port: number
  readonly bankHost: string
  readonly bankPort: number
  /** The origin under which cardholders' browsers reach the sandbox bank; where unset, the one that it listens on. */
  readonly bankPublicUrl: string | undefined
  /** Opens the bank's back office; where unset, there is none. */
  readonly bankAdminToken: string | undefined
  readonly storeHost: string
  readonly storePort: number
  /** Absolute. */
  readonly dataDir: string
  /** The origin that session URLs begin with; where unset, `originOf(host, port)` of the port that is really bound. */
  readonly publicUrl: string | undefined
  /** The origin that the card form posts to; where unset, the public one. */
  readonly vaultOrigin: string | undefined
  /** The doors for clients of other systems that this server has. */
  readonly doors: readonly Dialect[]
  readonly logLevel: LogLevel
}

/** Kept apart from `Config`, for a URL of a database may hold a password. Where unset, the embedded cluster serves. */
export type DatabaseUrls = { readonly main: string | undefined; readonly bank: string | undefined }

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly databaseUrls: DatabaseUrls }
  | { readonly ok: false; readonly faults: readonly string[] }

export type Setting = {
  readonly fallback?: string
  /** What the variable is for, as the documentation prints it. */
  readonly meaning: string
  /** The value is never repeated in a message. */
  readonly secret?: true
}

/** Every variable that Opentill reads. A later setting adds a row here and a line in `parseConfig`. */
export const SETTINGS = {
  OPENTILL_HOST: { fallback: '127.0.0.1', meaning: 'the address that the server listens on' },
  OPENTILL_PORT: { fallback: '4100', meaning: 'the port that the server listens on' },
  OPENTILL_BANK_HOST: { fallback: '127.0.0.1', meaning: 'the address that the sandbox bank listens on' },
  OPENTILL_BANK_PORT: { fallback: '4110', meaning: 'the port that the sandbox bank listens on' },
  OPENTILL_BANK_PUBLIC_URL: { meaning: 'the origin under which cardholders reach the sandbox bank' },
  OPENTILL_BANK_ADMIN_TOKEN: { secret: true, meaning: 'opens the back office of the sandbox bank' },
  OPENTILL_STORE_HOST: { fallback: '127.0.0.1', meaning: 'the address that the demo shop listens on' },
  OPENTILL_STORE_PORT: { fallback: '4120', meaning: 'the port that the demo shop listens on' },
  OPENTILL_DATA_DIR: { fallback: '.opentill', meaning: 'the folder for the database, the secrets and the dev keys' },
  DATABASE_URL: { secret: true, meaning: 'a PostgreSQL server (15 or newer) instead of the embedded one' },
  OPENTILL_BANK_DATABASE_URL: { secret: true, meaning: 'a database for the sandbox bank instead of an embedded one' },
  OPENTILL_PUBLIC_URL: { meaning: 'the origin under which shoppers reach the server' },
  OPENTILL_VAULT_ORIGIN: { meaning: 'the origin that the card form posts to' },
  OPENTILL_DOORS: {
    fallback: DIALECTS.join(','),
    meaning: 'the APIs of other systems that this server speaks beside its own; `none` closes all',
  },
  OPENTILL_LOG_LEVEL: { fallback: 'warn', meaning: `how much is logged: ${LOG_LEVELS.join(', ')}` },
} as const satisfies Readonly<Record<string, Setting>>

type Name = keyof typeof SETTINGS

/** Names of ours that others read: what `dev-keys.env` gives the demo shop, and the test runs. */
const READ_BY_OTHERS = [
  'OPENTILL_SECRET_KEY',
  'OPENTILL_PUBLISHABLE_KEY',
  'OPENTILL_WEBHOOK_SECRET',
  'OPENTILL_URL',
  'OPENTILL_TEST_DATABASE_URL',
]

/** Reads all settings at once, and tells all faults at once. An empty variable counts as unset. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): ParsedConfig {
  const faults = findUnknown(environment)
  const read = <T>(name: Name, parse: (text: string) => T | Fault): T | undefined => {
    const setting: Setting = SETTINGS[name]
    const text = environment[name]?.trim() || setting.fallback
    if (text === undefined) return undefined
    const value = parse(text)
    if (!(value instanceof Fault)) return value
    faults.push(`${name} is ${setting.secret ? 'set' : JSON.stringify(text)}, which ${value.text}`)
    return undefined
  }
  const config = {
    host: read('OPENTILL_HOST', parseHost),
    port: read('OPENTILL_PORT', parsePort),
    bankHost: read('OPENTILL_BANK_HOST', parseHost),
    bankPort: read('OPENTILL_BANK_PORT', parsePort),
    bankPublicUrl: read('OPENTILL_BANK_PUBLIC_URL', parseOrigin),
    bankAdminToken: read('OPENTILL_BANK_ADMIN_TOKEN', parseToken),
    storeHost: read('OPENTILL_STORE_HOST', parseHost),
    storePort: read('OPENTILL_STORE_PORT', parsePort),
    dataDir: read('OPENTILL_DATA_DIR', parseFolder),
    publicUrl: read('OPENTILL_PUBLIC_URL', parseOrigin),
    vaultOrigin: read('OPENTILL_VAULT_ORIGIN', parseOrigin),
    doors: read('OPENTILL_DOORS', parseDoors),
    logLevel: read('OPENTILL_LOG_LEVEL', parseLogLevel),
  }
  const databaseUrls = {
    main: read('DATABASE_URL', parseDatabaseUrl),
    bank: read('OPENTILL_BANK_DATABASE_URL', parseDatabaseUrl),
  }
  faults.push(...findSharedPorts(config))
  return faults.length === 0 && isComplete(config) ? { ok: true, config, databaseUrls } : { ok: false, faults }
}

/** The origin of a server of ours. A wildcard address is no place to go to, so it becomes the loopback one. */
export function originOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${port}`
}

/** What is wrong with a value, as the end of a sentence that begins with the variable and says what to do. */
class Fault {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Brackets around an IPv6 address are dropped: servers listen on the bare one. */
function parseHost(text: string): string | Fault {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  const name = /^(?!\d+(\.\d+)*$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i
  if (isIP(host) !== 0 || (host.length <= 253 && name.test(host))) return host
  return new Fault('is no address; give an IPv4 or IPv6 address or a host name, without port or scheme')
}

function parsePort(text: string): number | Fault {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port <= 65_535 ? port : new Fault('is no port; give a whole number from 1 to 65535, or 0 for any free one')
}

function parseFolder(text: string): string | Fault {
  return text.includes('\0') ? new Fault('is no folder name; give a path') : resolve(text)
}

function parseOrigin(text: string): string | Fault {
  const url = URL.parse(text)
  const bare = url?.pathname === '/' && !url.search && !url.hash && !url.username && !url.password
  if (url && bare && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin
  return new Fault('is no origin; give scheme, host and port only, such as https://pay.example.com')
}

function parseToken(text: string): string | Fault {
  return /^[!-~]{16,128}$/.test(text) ? text : new Fault('is no token; give 16 to 128 visible ASCII characters')
}

function parseDatabaseUrl(text: string): string | Fault {
  const url = URL.parse(text)
  const named = url !== null && url.pathname.length > 1 && (url.hostname !== '' || url.searchParams.has('host'))
  if (named && (url.protocol === 'postgres:' || url.protocol === 'postgresql:')) return text
  return new Fault('is no database URL; give postgres://user:password@host:5432/database')
}

function parseLogLevel(text: string): LogLevel | Fault {
  const level = LOG_LEVELS.find((name) => name === text.toLowerCase())
  return level ?? new Fault(`is no log level; give one of ${LOG_LEVELS.join(', ')}`)
}

function parseDoors(text: string): readonly Dialect[] | Fault {
  if (text === 'none') return []
  const words = text.split(',').map((word) => word.trim())
  const doors = DIALECTS.filter((door) => words.includes(door))
  const strange = words.some((word) => !DIALECTS.some((door) => door === word))
  return strange ? new Fault(`names an unknown API; give some of ${DIALECTS.join(', ')}, or none`) : doors
}

type Draft = { readonly [K in keyof Config]: Config[K] | undefined }

function isComplete(draft: Draft): draft is Config {
  const { publicUrl: _, vaultOrigin: __, bankPublicUrl: ___, bankAdminToken: ____, ...required } = draft
  return Object.values(required).every((value) => value !== undefined)
}

function findSharedPorts({ host, port, bankHost, bankPort, storeHost, storePort }: Draft): readonly string[] {
  const servers = [
    ['OPENTILL_PORT', host, port],
    ['OPENTILL_BANK_PORT', bankHost, bankPort],
    ['OPENTILL_STORE_PORT', storeHost, storePort],
  ] as const
  return servers.flatMap(([name, ownHost, own], index) =>
    servers
      .slice(0, index)
      .filter(([, otherHost, other]) => own && own === other && ownHost === otherHost)
      .map(([other]) => `${name} is ${own}, which ${other} takes too; give each server a port of its own`),
  )
}

function findUnknown(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.keys(SETTINGS)
  return Object.keys(environment)
    .filter((name) => name.startsWith('OPENTILL_') && !known.includes(name) && !READ_BY_OTHERS.includes(name))
    .sort()
    .map((name) => `${name} is no setting of Opentill; remove it, or did you mean ${nearest(name, known)}?`)
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = new Map(known.map((other) => [other, editDistance(name, other)]))
  return known.toSorted((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0))[0]
}

/** Levenshtein's: how many letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
