import { parseAppearance } from '../../../core/appearance.ts'
import { COUNTRIES } from '../../../core/countries.ts'
import { type Currency, parseCurrency } from '../../../core/currencies.ts'
import { MAX_METADATA_KEYS } from '../../../core/metadata.ts'
import { isDoorNotes } from '../../../core/session-limits.ts'
import { textFault } from '../../../core/text.ts'
import type { NewSessionInput } from '../../../flows/session-input.ts'
import { Refused } from '../../errors.ts'
import { parseBasket } from './basket.ts'
import { type Metadata, type OzuraNotes, shown } from './notes.ts'
import { isOwnErrorPage } from './own-error-page.ts'
import type { CreateSessionBody } from './parameters.ts'

/** From this door's words to ours. @throws Refused */
export function parseNewSession(body: CreateSessionBody, publicUrl: string): NewSessionInput {
  judgeMode(body)
  judgeEmbedding(body)
  const currency = readCurrency(body.currency)
  const ownErrorPage = isOwnErrorPage(body.errorUrl, publicUrl)
  const notes = notesFrom(body, ownErrorPage)
  return {
    lineItems: parseBasket(body, currency),
    currency,
    successUrl: body.successUrl,
    cancelUrl: body.cancelUrl,
    ...(ownErrorPage ? {} : { failureUrl: body.errorUrl }),
    displayName: body.merchantName,
    metadata: plainPairs(notes.metadata),
    dialect: notes,
    ...(body.collectShippingAddress ? { shippingCountries: COUNTRIES } : {}),
    ...(body.appearance === undefined ? {} : { appearance: parseAppearance(body.appearance) }),
  }
}

/** A shop that asks for more payments than one must never get a session that takes one. */
function judgeMode({ checkoutMode, recurringConfig, donationConfig, items }: CreateSessionBody): void {
  if (checkoutMode === 'recurring') {
    if (recurringConfig === undefined) throw new Refused({ code: 'parameter_missing', param: 'recurringConfig' })
    if (items !== undefined) {
      throw new Refused({ code: 'parameters_exclusive', param: 'items', detail: 'items, recurringConfig' })
    }
  }
  if (checkoutMode !== undefined && checkoutMode !== 'payment') throw notYet('checkoutMode', checkoutMode)
  if (recurringConfig !== undefined) throw notYet('recurringConfig')
  if (donationConfig !== undefined) throw notYet('donationConfig')
}

/** The origin first: a shop learns of a mistake of its own before it learns of what we do not have. */
function judgeEmbedding({ embedMode = 'redirect', parentOrigin }: CreateSessionBody): void {
  const framed = embedMode === 'popup' || embedMode === 'iframe'
  if (framed && parentOrigin === undefined) throw new Refused({ code: 'parameter_missing', param: 'parentOrigin' })
  if (embedMode !== 'redirect') throw notYet('embedMode', embedMode)
}

function notYet(param: string, detail?: string): Refused {
  return new Refused({ code: 'parameter_not_supported_yet', param, ...(detail === undefined ? {} : { detail }) })
}

function readCurrency(text = 'USD'): Currency {
  const currency = parseCurrency(text)
  if (currency) return currency
  throw new Refused({ code: 'invalid_currency', param: 'currency', detail: `${text} is no active code of ISO 4217` })
}

/** What may never be shown is not kept either. */
function notesFrom(body: CreateSessionBody, ownErrorPage: boolean): OzuraNotes {
  const { merchantId, surchargePercent } = body
  const notes = {
    merchantId,
    taxExempt: body.taxExempt ?? false,
    metadata: shown(body.metadata ?? {}),
    ...(surchargePercent === undefined ? {} : { surchargePercent }),
    ...(ownErrorPage ? { ownErrorPage: true as const } : {}),
  }
  if (isDoorNotes(notes)) return notes
  throw new Refused({ code: 'parameter_invalid_string', param: 'metadata', detail: 'holds what cannot be stored' })
}

/** The pairs of texts that every door can show; whatever else metadata is, this door keeps and shows alone. */
function plainPairs(metadata: Metadata): Readonly<Record<string, string>> {
  const fits = (text: string, max: number) => textFault(text, { min: 1, max, multiline: true }) === undefined
  const pairs = Object.entries(metadata).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string' && fits(pair[0], 40) && fits(pair[1], 500),
  )
  return Object.fromEntries(pairs.slice(0, MAX_METADATA_KEYS))
}
