import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type Caller, settingsOf } from '../../../core/account.ts'
import { nameOf, parseName } from '../../../core/ids.ts'
import { Refused } from '../../errors.ts'
import type { DoorDeps } from '../door.ts'

export const COOKIE = 'oc_dashboard_session'
const LIFE_SECONDS = 8 * 60 * 60

type CookieDeps = Pick<DoorDeps, 'env' | 'storage' | 'cookieKey' | 'publicUrl'>

/** Who signed in with a key stays so for eight hours, or until the key is revoked or the door closed. Nothing of it is stored. */
export function cookieFor({ env, cookieKey, publicUrl }: CookieDeps, { tenant, keyId }: Caller): string {
  const said = `${nameOf('key', tenant, keyId)}.${Math.floor(env.now().getTime() / 1000) + LIFE_SECONDS}`
  return attributes(`${said}.${proof(cookieKey, said)}`, LIFE_SECONDS, publicUrl())
}

export const noCookie = ({ publicUrl }: Pick<CookieDeps, 'publicUrl'>): string => attributes('', 0, publicUrl())

/** The account that a cookie speaks for. @throws Refused 401 */
export async function callerByCookie(deps: CookieDeps, request: FastifyRequest): Promise<Caller> {
  const caller = await findCaller(deps, request)
  if (!caller) throw new Refused({ code: 'api_key_missing' })
  return caller
}

export async function findCaller(deps: CookieDeps, request: FastifyRequest): Promise<Caller | undefined> {
  const [, said = '', key = '', expiry = '', claim = ''] =
    new RegExp(`(?:^|; *)${COOKIE}=((key_\\w+)\\.(\\d+))\\.([\\w-]+)`).exec(request.headers.cookie ?? '') ?? []
  const name = parseName('key', key)
  if (!name || !isProof(claim, proof(deps.cookieKey, said))) return undefined
  if (Number(expiry) * 1000 <= deps.env.now().getTime()) return undefined
  const keys = await deps.storage.listKeys(name.tenant)
  const found = keys.find(({ id, tenant, revokedAt }) => id === name.id && tenant === name.tenant && revokedAt === null)
  const account = found && (await deps.storage.findAccount(found.tenant))
  if (!account || settingsOf(account, found.tenant).doors?.includes('opencheckout') === false) return undefined
  return { tenant: found.tenant, keyId: found.id, kind: found.kind, door: 'opencheckout' }
}

/** A page of another origin may not act in the merchant's name. @throws Refused 403 */
export function checkOrigin({ publicUrl }: Pick<CookieDeps, 'publicUrl'>, { headers }: FastifyRequest): void {
  if (headers.origin !== new URL(publicUrl()).origin) throw new Refused({ code: 'origin_refused' })
}

function attributes(value: string, seconds: number, publicUrl: string): string {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  return `${COOKIE}=${value}; Path=/api/dashboard; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}

const proof = (key: Uint8Array, said: string): string => createHmac('sha256', key).update(said).digest('base64url')

function isProof(claim: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(claim), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
