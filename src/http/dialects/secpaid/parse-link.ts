import { settingsOf } from '../../../core/account.ts'
import { parseCurrency } from '../../../core/currencies.ts'
import type { Tenant } from '../../../core/ids.ts'
import { parseDecimal } from '../../../core/money.ts'
import type { NotifyAddress } from '../../../core/session.ts'
import { isDoorNotes } from '../../../core/session-limits.ts'
import { ENCRYPTION_KEY_LENGTH, isEncryptionKey, statementDescriptor } from '../../../core/setting-values.ts'
import type { AccountSettings } from '../../../core/settings.ts'
import { namedEndpoints } from '../../../flows/endpoints/named-endpoints.ts'
import type { NewSessionInput } from '../../../flows/session-input.ts'
import { Refused } from '../../errors.ts'
import { type DoorDeps, granted } from '../door.ts'
import { namedUrls } from './addresses.ts'
import type { LinkNotes } from './notes.ts'
import type { CreateLinkBody } from './parameters.ts'

const EUR = parseCurrency('EUR')

/** From this door's words to ours, with what the account has saved where the request says nothing. */
export async function parseNewLink(deps: DoorDeps, tenant: Tenant, body: CreateLinkBody): Promise<NewSessionInput> {
  const account = await deps.storage.findAccount(tenant)
  if (!account) throw new Error('a key without an account')
  const settings = settingsOf(account, tenant)
  const saved = settings.secpaidCallbackUrls ?? []
  const callbacks =
    body.callback_url === undefined ? saved.slice(0, 1) : namedUrls('callback_url', body.callback_url, saved)
  const endpoints = endpointsOf(settings, body.payment_endpoint)
  const statement = body.bank_statement_description ?? ''
  const notes = {
    callback_url: callbacks.join(','),
    payment_endpoint: endpoints.join(','),
    format: settings.secpaidNoticeFormat ?? 'json',
    tells_cancel: settings.secpaidCancelNotice !== 'no',
    ...encryptionOf(deps, tenant, settings, body),
    statement,
    qr: body.is_qr_link === true,
  } satisfies LinkNotes
  if (!isDoorNotes(notes)) {
    throw new Refused({
      code: 'parameter_too_long',
      param: 'callback_url',
      detail: 'at most 8 KB with all that it names',
    })
  }
  return {
    lineItems: [lineOf(body)],
    ...(callbacks[0] === undefined ? {} : { successUrl: callbacks[0], cancelUrl: callbacks[0] }),
    ...(body.recipient_note === undefined ? {} : { clientReferenceId: body.recipient_note }),
    ...(mayCancel(body) ? {} : { cancelable: false as const }),
    ...statementOf(statement),
    ...(await notifyOf(deps, tenant, endpoints)),
    dialect: notes,
  }
}

/** The system knows one currency. */
function lineOf({ amount, recipient_note: note }: CreateLinkBody): NewSessionInput['lineItems'][number] {
  if (EUR === undefined) throw new Error('there is no euro')
  const money = parseDecimal(amount, EUR)
  if (money === undefined || money.minor === 0n) {
    const detail = `${amount}; amount must be more than 0, in euros with at most two decimals`
    throw new Refused({ code: 'parameter_invalid_number', param: 'amount', detail })
  }
  return {
    quantity: 1,
    priceData: { currency: EUR, unitAmount: money.minor, productData: { name: note ?? 'Payment' } },
  }
}

/** Two generations of clients have two names for it; whoever says no in either means it. */
const mayCancel = ({ cancellable, is_cancellation }: CreateLinkBody): boolean =>
  cancellable !== false && is_cancellation !== false

function endpointsOf(settings: AccountSettings, given: string | undefined): readonly string[] {
  const saved = settings.secpaidPaymentEndpoints ?? []
  return given === undefined ? saved : namedUrls('payment_endpoint', given, saved)
}

async function notifyOf(
  deps: DoorDeps,
  tenant: Tenant,
  urls: readonly string[],
): Promise<{ readonly notify?: readonly NotifyAddress[] }> {
  if (urls.length === 0) return {}
  const context = { ...deps, allowLoopback: deps.allowLoopbackEndpoints ?? false, ownOrigins: [deps.publicUrl()] }
  return { notify: granted(await namedEndpoints(context, tenant, 'secpaid', urls)) }
}

/** The key rests sealed, the link's own and the account's alike. */
function encryptionOf(
  { sealer }: Pick<DoorDeps, 'sealer'>,
  tenant: Tenant,
  settings: AccountSettings,
  { is_encryption, encryption_key: own }: CreateLinkBody,
): Pick<LinkNotes, 'encryption_key'> {
  if (own !== undefined && !isEncryptionKey(own)) {
    const detail = `must be ${ENCRYPTION_KEY_LENGTH} letters, digits or plain signs`
    throw new Refused({ code: 'parameter_invalid_string', param: 'encryption_key', detail })
  }
  if (!(is_encryption ?? settings.secpaidEncryption === 'yes')) return {}
  const sealed = own === undefined ? settings.secpaidEncryptionKey : sealedText(sealer.seal(tenant, own))
  if (sealed !== undefined) return { encryption_key: sealed }
  const detail = 'is_encryption needs it, or the setting secpaid_encryption_key'
  throw new Refused({ code: 'parameter_missing', param: 'encryption_key', detail })
}

const sealedText = (sealed: Uint8Array): string => Buffer.from(sealed).toString('base64')

/** A bank prints 22 plain characters; what it would not print is left out rather than the sale refused. */
function statementOf(text: string): Pick<NewSessionInput, 'paymentTemplate'> {
  const printable = text.replace(/[^\x20-\x7e]|[<>\\'"*]/g, '').trim()
  const read = statementDescriptor(printable.slice(0, 22).trim())
  return read.ok ? { paymentTemplate: { statementDescriptor: read.value } } : {}
}
