import type { Sql } from 'postgres'
import type { CardFacts } from '../core/charge.ts'
import type { Env, HttpClient, HttpResponse } from '../core/env.ts'
import { isLive, newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import { fingerprintOf, openCard, sealCard } from './card-secret.ts'
import { SecurityCodes } from './codes.ts'
import { fillCard, type TemplateRequest } from './fill.ts'
import type { KeyRing } from './key-ring.ts'
import { readCardFields } from './read-card.ts'
import { deleteCard, deleteCardsBefore, findCard, insertCard } from './rows.ts'
import { type Intake, type TypedCard, takeForm } from './typed-card.ts'

export type CardToken = { readonly id: Uuid; readonly card: CardFacts }
export type Tokenized =
  | { readonly ok: true; readonly token: CardToken }
  /** Which fields are wrong, by field and code: never a value. */
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }

export type Vault = {
  /** Takes the card out of a posted form's bytes; what comes back of it is closed. */
  take(body: Uint8Array): Intake
  /** Judges the card's fields without keeping anything. @returns codes of what is wrong, by field */
  check(tenant: Tenant, card: TypedCard): Readonly<Record<string, string>>
  /** Takes a card in. The token can be used for this one session alone. */
  tokenize(tenant: Tenant, sessionId: Uuid, card: TypedCard): Promise<Tokenized>
  /** Fills a card into a connector's request and sends it to an allowed host; the code is used up by it. */
  send(tenant: Tenant, token: Uuid, request: TemplateRequest): Promise<HttpResponse>
  /** Shreds a card that nothing needs any more. */
  forget(tenant: Tenant, token: Uuid): Promise<void>
  /** Shreds cards taken in before a moment and still here. @returns how many */
  forgetBefore(moment: Date): Promise<number>
}

export type VaultParts = {
  readonly env: Env
  readonly sql: Sql
  readonly ring: KeyRing
  /** Reaches the hosts that may receive cards, and no other. */
  readonly http: HttpClient
  readonly allowedOrigins: readonly string[]
  /** Published test numbers that fail the check digit: taken in test mode only. */
  readonly testNumbers: ReadonlySet<string>
}

/** The only room that ever holds a card number. No function here returns one. */
export function openVault(parts: VaultParts): Vault {
  const { env, sql, ring, http, allowedOrigins, testNumbers } = parts
  const codes = new SecurityCodes(env)
  const read = (tenant: Tenant, typed: TypedCard) =>
    readCardFields(typed.reveal(), { now: env.now(), testNumbers: isLive(tenant) ? new Set() : testNumbers })

  return {
    take: takeForm,

    check(tenant, typed) {
      const card = read(tenant, typed)
      return card.ok ? {} : card.errors
    },

    async tokenize(tenant, sessionId, typed) {
      const card = read(tenant, typed)
      if (!card.ok) return card
      const { pan, brand, expMonth, expYear, code } = card
      const id = newUuid(env)
      const fingerprint = fingerprintOf(ring, tenant, pan)
      await insertCard(sql, {
        tenant,
        id,
        sessionId,
        ...sealCard(env, ring, tenant, id, pan),
        fingerprint,
        brand,
        last4: pan.last4,
        expMonth,
        expYear,
        createdAt: env.now(),
      })
      if (code !== undefined) codes.keep(id, code)
      const facts = {
        brand,
        last4: pan.last4,
        expMonth,
        expYear,
        fingerprint: Buffer.from(fingerprint).toString('hex'),
      }
      return { ok: true, token: { id, card: facts } }
    },

    async send(tenant, token, request) {
      if (!allowedOrigins.includes(new URL(request.url).origin)) {
        throw new Error('a connector asked to send a card to a host that is not allowed to receive cards')
      }
      const row = await findCard(sql, tenant, token)
      if (!row) throw new Error('the card behind this token was shredded')
      const pan = openCard(ring, tenant, token, row)
      return http({
        method: 'POST',
        url: request.url,
        headers: { ...request.headers, 'content-type': 'application/json' },
        body: fillCard(request.body, { pan, expMonth: row.expMonth, expYear: row.expYear, code: codes.take(token) }),
        timeoutMs: request.timeoutMs,
        maxResponseBytes: 64 * 1024,
      })
    },

    async forget(tenant, token) {
      codes.take(token)
      await deleteCard(sql, tenant, token)
    },

    forgetBefore: (moment) => deleteCardsBefore(sql, moment),
  }
}
