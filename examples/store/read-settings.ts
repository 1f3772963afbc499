import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoreOptions } from './store.ts'

type Variables = Readonly<Record<string, string | undefined>>

export type Settings =
  | { readonly ok: true; readonly options: Omit<StoreOptions, 'log'> }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Reads where the till is and the keys to it. What the environment does not say, `dev-keys.env` of the till may. */
export function readSettings(environment: Variables, devKeys: Variables): Settings {
  const read = (name: string, fallback?: string): string | undefined => {
    return environment[name]?.trim() || devKeys[name]?.trim() || fallback
  }
  const secretKey = read('OPENTILL_SECRET_KEY')
  const webhookSecret = read('OPENTILL_WEBHOOK_SECRET')
  const till = URL.parse(read('OPENTILL_URL', 'http://127.0.0.1:4100') ?? '')
  const portText = read('OPENTILL_STORE_PORT', '4120') ?? ''
  const port = /^\d{1,5}$/.test(portText) && Number(portText) <= 65_535 ? Number(portText) : undefined
  const protocol = till?.protocol === 'https:' ? 'https' : till?.protocol === 'http:' ? 'http' : undefined
  const faults = [
    secretKey === undefined && 'OPENTILL_SECRET_KEY is missing; `npm start` prints one and keeps it in dev-keys.env',
    webhookSecret === undefined && 'OPENTILL_WEBHOOK_SECRET is missing; it stands beside the key',
    protocol === undefined && 'OPENTILL_URL is no http or https URL',
    port === undefined && 'OPENTILL_STORE_PORT is no port',
  ].filter((fault) => fault !== false)
  if (!secretKey || !webhookSecret || !till || !protocol || port === undefined) return { ok: false, faults }
  const opentill = {
    host: till.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(till.port || (protocol === 'https' ? 443 : 80)),
    protocol,
    secretKey,
    webhookSecret,
    // The till's own setting: behind a proxy its pages have another origin than its API has from here.
    payOrigin: URL.parse(read('OPENTILL_PUBLIC_URL', '') ?? '')?.origin,
  } as const
  const host = read('OPENTILL_STORE_HOST', '127.0.0.1') ?? ''
  return { ok: true, options: { host, port, opentill } }
}

/** The till's `dev-keys.env`: lines of NAME=value. No file is no fault, for the environment may say it all. */
export function readDevKeys(dataDir: string): Variables {
  try {
    return parseDevKeys(readFileSync(join(dataDir, 'dev-keys.env'), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}

export function parseDevKeys(text: string): Variables {
  const lines = [...text.matchAll(/^(?:export )?([A-Z_]+)=(.*)$/gm)]
  return Object.fromEntries(
    lines.map(([, name = '', value = '']) => [name, value.trim().replace(/^(["'])(.*)\1$/, '$2')]),
  )
}
