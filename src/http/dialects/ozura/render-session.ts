import type { Billing, Charge } from '../../../core/charge.ts'
import type { Currency } from '../../../core/currencies.ts'
import { nameOf } from '../../../core/ids.ts'
import { formatDecimal } from '../../../core/money.ts'
import type { Address, LineItem, LineKind, Session } from '../../../core/session.ts'
import type { Visited } from '../../../storage/sessions.ts'
import { sessionWord } from '../session-words.ts'
import { ozuraId } from './ids.ts'
import { metadataOf, notesOf } from './notes.ts'

export const checkoutUrl = (session: Session, publicUrl: string): string => `${publicUrl}/checkout/${ozuraId(session)}`

/** What the shop gets for its request. There is no `embedCode`, for pages are not shown in frames. */
export function renderCreated(session: Session, publicUrl: string) {
  return {
    sessionId: ozuraId(session),
    checkoutUrl: checkoutUrl(session, publicUrl),
    expiresAt: session.expiresAt.toISOString(),
    pricing: pricingOf(session),
  }
}

/**
 * The session for whoever holds its id, which shoppers do: without the shop's return URLs, and with what the shopper typed
 * only once it is paid, when the shop needs it.
 */
export function renderSession({ session, charge, account }: Visited, publicUrl: string) {
  const notes = notesOf(session)
  const status = sessionWord('ozura', session, charge?.captured ?? 0n)
  return {
    sessionId: ozuraId(session),
    status,
    checkoutMode: 'payment' as const,
    embedMode: 'redirect' as const,
    checkoutUrl: checkoutUrl(session, publicUrl),
    merchantId: merchantIdOf({ session, account }),
    merchantName: session.document.displayName ?? account.name,
    amount: decimalOf(session.amountTotal, session),
    currency: session.currency,
    items: goodsOf(session).map((line) => renderItem(line, session)),
    pricing: pricingOf(session),
    taxExempt: notes?.taxExempt ?? false,
    ...(notes?.surchargePercent === undefined ? {} : { surchargePercent: notes.surchargePercent }),
    metadata: metadataOf(session),
    createdAt: session.createdAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    ...(status === 'completed' ? renderPaid(session, charge) : {}),
  }
}

/** The shop's own id for itself where it said one. */
export const merchantIdOf = ({ session, account }: Pick<Visited, 'session' | 'account'>): string =>
  notesOf(session)?.merchantId ?? nameOf('account', account.tenant, account.id)

/** The sale, under the names that the success URL has for it. */
export function saleOf(session: Session, charge: Charge | null) {
  const card = charge?.document.card
  return {
    ...(charge === null ? {} : { transactionId: nameOf('charge', charge.tenant, charge.id) }),
    transactionType: 'sale' as const,
    ...(card === undefined ? {} : { cardLastFour: card.last4, cardBrand: card.brand.toUpperCase() }),
    ...(session.completedAt === null ? {} : { transDate: session.completedAt.toISOString() }),
  }
}

function renderPaid(session: Session, charge: Charge | null) {
  const shipping = session.document.collected?.shipping
  return {
    ...saleOf(session, charge),
    billing: renderBilling(charge?.document.billing ?? {}),
    ...(shipping === undefined ? {} : { shipping: { name: shipping.name, ...renderAddress(shipping.address) } }),
  }
}

/** After the names that Ozura's pay API has for the payer. */
function renderBilling({ name = '', email, phone, address }: Billing) {
  const [, firstName = '', lastName = ''] = /^(\S*)\s*(.*)$/su.exec(name.trim()) ?? []
  return {
    firstName,
    lastName,
    email: email ?? null,
    phone: phone ?? null,
    ...renderAddress(address ?? {}),
  }
}

function renderAddress({ line1, line2, city, state, postalCode, country }: Address) {
  return {
    address1: line1 ?? null,
    address2: line2 ?? null,
    city: city ?? null,
    state: state ?? null,
    zipcode: postalCode ?? null,
    country: country ?? null,
  }
}

/** Numbers, as clients of this system read them. A line of no goods counts beside the subtotal. */
function pricingOf(session: Session) {
  const sum = (kind: LineKind | undefined) =>
    Number(
      decimalOf(
        session.document.lineItems.reduce((all, line) => all + (line.kind === kind ? totalOf(line) : 0n), 0n),
        session,
      ),
    )
  const surcharge = sum('surcharge')
  return {
    subtotal: sum(undefined),
    ...(surcharge === 0 ? {} : { surcharge }),
    tax: sum('tax'),
    shipping: sum('shipping'),
    total: Number(decimalOf(session.amountTotal, session)),
    currency: session.currency,
  }
}

const totalOf = ({ unitAmount, quantity }: LineItem): bigint => unitAmount * BigInt(quantity)

const goodsOf = ({ document }: Session): readonly LineItem[] => document.lineItems.filter(({ kind }) => !kind)

function renderItem(line: LineItem, session: Session) {
  const { name, quantity, metadata, images } = line
  return {
    name,
    qty: quantity,
    unitPrice: Number(decimalOf(line.unitAmount, session)),
    ...(metadata?.productId === undefined ? {} : { productId: metadata.productId }),
    ...(images?.[0] === undefined ? {} : { imageUrl: images[0] }),
  }
}

export const decimalOf = (minor: bigint, { currency }: Pick<Session, 'currency'>): string =>
  formatDecimal({ minor, currency: currency as Currency })
