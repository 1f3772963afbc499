import type { Sql } from 'postgres'
import type { CardFacts, CardRef } from '../core/charge.ts'
import { type Env, type HttpClient, HttpError, type HttpResponse } from '../core/env.ts'
import { isLive, newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import type { CardPlace } from './card-places.ts'
import { fingerprintOf, nameNumber, openCard, sealCard } from './card-secret.ts'
import { SecurityCodes } from './codes.ts'
import { fillCard, type TemplateRequest } from './fill.ts'
import type { KeyRing } from './key-ring.ts'
import { readCardFields } from './read-card.ts'
import { deleteCard, deleteCardsBefore, findCard, insertCard, markKept } from './rows.ts'
import { type ParameterIntake, takeParameters } from './take-parameters.ts'
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
  /** The same for the API: the card's number and code leave the parameters before anybody else sees them. */
  takeParameters(tenant: Tenant, body: Uint8Array, from: 'form' | 'json', place: CardPlace): ParameterIntake
  /** Takes a card in. The token can be used for this one session or payment method alone. */
  tokenize(tenant: Tenant, owner: Uuid, card: TypedCard): Promise<Tokenized>
  /**
   * Fills a card into a connector's request and sends it to an allowed host; the code is used up by it.
   * @throws HttpError `not_sent` when the owner has no such card: it was shredded, or is another's
   */
  send(card: CardRef, request: TemplateRequest): Promise<HttpResponse>
  /** A customer keeps a card, or does not any more. @returns false when it is gone */
  keep(card: CardRef, kept: boolean): Promise<boolean>
  /** Shreds a card that its owner does not need any more, unless a customer keeps it. */
  forget(card: CardRef): Promise<void>
  /** Shreds cards taken in before a moment and still here, and codes that are too old. @returns how many cards */
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

const CARDS_PER_ROUND = 1000

/** The only room that ever holds a card number. No function here returns one. */
export function openVault(parts: VaultParts): Vault {
  const { env, sql, ring, http, allowedOrigins, testNumbers } = parts
  const codes = new SecurityCodes(env)
  const read = (tenant: Tenant, typed: TypedCard) =>
    readCardFields(typed.reveal(), {
      now: env.now(),
      testNumbers: isLive(tenant) ? new Set() : testNumbers,
      codeOptional: !isLive(tenant),
    })

  return {
    take: takeForm,
    takeParameters: (tenant, body, from, place) =>
      takeParameters(body, from, place, (number) => nameNumber(ring, tenant, number)),

    check(tenant, typed) {
      const card = read(tenant, typed)
      return card.ok ? {} : card.errors
    },

    async tokenize(tenant, owner, typed) {
      const card = read(tenant, typed)
      if (!card.ok) return card
      const { pan, brand, expMonth, expYear, code } = card
      const id = newUuid(env)
      const fingerprint = fingerprintOf(ring, tenant, pan)
      await insertCard(sql, {
        tenant,
        id,
        owner,
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

    async send(card, request) {
      if (!allowedOrigins.includes(new URL(request.url).origin)) {
        throw new Error('a connector asked to send a card to a host that is not allowed to receive cards')
      }
      const row = await findCard(sql, card)
      if (!row) throw new HttpError('nobody has a card under this token', 'not_sent')
      const pan = openCard(ring, card.tenant, card.token, row)
      const { expMonth, expYear } = row
      return http({
        method: 'POST',
        url: request.url,
        headers: { ...request.headers, 'content-type': 'application/json' },
        body: fillCard(request, { pan, expMonth, expYear, code: codes.take(card.token) }),
        timeoutMs: request.timeoutMs,
        maxResponseBytes: 64 * 1024,
      })
    },

    keep: (card, kept) => markKept(sql, card, kept),

    async forget(card) {
      if (await deleteCard(sql, card)) codes.take(card.token)
    },

    forgetBefore(moment) {
      codes.dropOld()
      return deleteCardsBefore(sql, moment, CARDS_PER_ROUND)
    },
  }
}
