import type { Account, ApiKey } from '../core/account.ts'
import type { Customer, Price, Product } from '../core/catalog.ts'
import type { Charge } from '../core/charge.ts'
import type { Dispute } from '../core/dispute.ts'
import type { EventFact, WebhookEndpoint } from '../core/event.ts'
import type { IdempotencyRow } from '../core/idempotency.ts'
import type { Operation } from '../core/operation.ts'
import type { Payment } from '../core/payment.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Posting } from '../core/posting.ts'
import type { ReceiptKey } from '../core/receipt.ts'
import type { Refund } from '../core/refund.ts'
import type { LineItem, Session, SessionDocument } from '../core/session.ts'
import type { Shape } from './shape.ts'

export const ACCOUNTS: Shape<Account> = {
  table: 'accounts',
  fields: { tenant: 'plain', id: 'plain', version: 'plain', name: 'plain', createdAt: 'date', settings: 'plain' },
}

export const API_KEYS: Shape<ApiKey> = {
  table: 'api_keys',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    kind: 'plain',
    door: 'plain',
    name: 'plain',
    hash: 'bytes',
    hint: 'plain',
    createdAt: 'date',
    revokedAt: 'date',
  },
}

export const RECEIPT_KEYS: Shape<ReceiptKey> = {
  table: 'receipt_keys',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    publicKey: 'bytes',
    sealedSeed: 'bytes',
    createdAt: 'date',
    retiredAt: 'date',
  },
}

export const CUSTOMERS: Shape<Customer> = {
  table: 'customers',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    email: 'plain',
    name: 'plain',
    deleted: 'plain',
    createdAt: 'date',
    document: 'plain',
  },
}

export const PRODUCTS: Shape<Product> = {
  table: 'products',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    name: 'plain',
    active: 'plain',
    deleted: 'plain',
    createdAt: 'date',
    updatedAt: 'date',
    document: 'plain',
  },
}

export const PRICES: Shape<Price> = {
  table: 'prices',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    productId: 'plain',
    active: 'plain',
    currency: 'plain',
    unitAmount: 'bigint',
    lookupKey: 'plain',
    createdAt: 'date',
    document: 'plain',
  },
}

export const SESSIONS: Shape<Session> = {
  table: 'sessions',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    door: 'plain',
    state: 'plain',
    closedBy: 'plain',
    currency: 'plain',
    amountSubtotal: 'bigint',
    amountTotal: 'bigint',
    customerId: 'plain',
    paymentId: 'plain',
    secret: 'bytes',
    tries: 'plain',
    maxTries: 'plain',
    cancelEnds: 'plain',
    linkNumber: 'bigint',
    createdAt: 'date',
    expiresAt: 'date',
    completedAt: 'date',
    document: 'plain',
  },
  since: { linkNumber: null },
  // JSON has no bigint: the only amounts inside the document are the lines' unit amounts.
  toDocument: (document) => {
    const { lineItems, ...rest } = document as SessionDocument
    return { ...rest, lineItems: lineItems.map((line) => ({ ...line, unitAmount: line.unitAmount.toString() })) }
  },
  fromDocument: (document) => {
    const { lineItems, ...rest } = document as { lineItems: (Omit<LineItem, 'unitAmount'> & { unitAmount: string })[] }
    return { ...rest, lineItems: lineItems.map((line) => ({ ...line, unitAmount: BigInt(line.unitAmount) })) }
  },
}

export const PAYMENTS: Shape<Payment> = {
  table: 'payments',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    purpose: 'plain',
    state: 'plain',
    sessionId: 'plain',
    customerId: 'plain',
    amount: 'bigint',
    currency: 'plain',
    reserved: 'bigint',
    latestChargeId: 'plain',
    secret: 'bytes',
    canceledAt: 'date',
    cancellationReason: 'plain',
    createdAt: 'date',
    document: 'plain',
  },
}

export const CHARGES: Shape<Charge> = {
  table: 'charges',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    paymentId: 'plain',
    customerId: 'plain',
    leg: 'plain',
    attempt: 'plain',
    state: 'plain',
    connector: 'plain',
    providerId: 'plain',
    tokenId: 'plain',
    currency: 'plain',
    amount: 'bigint',
    captureOrdered: 'bigint',
    refundOrdered: 'bigint',
    authorized: 'bigint',
    captured: 'bigint',
    refunded: 'bigint',
    held: 'bigint',
    refundedElsewhere: 'bigint',
    disputed: 'bigint',
    lookAt: 'date',
    createdAt: 'date',
    document: 'plain',
  },
  since: { held: 0n, refundedElsewhere: 0n, disputed: 0n, lookAt: null },
}

export const REFUNDS: Shape<Refund> = {
  table: 'refunds',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    chargeId: 'plain',
    paymentId: 'plain',
    state: 'plain',
    origin: 'plain',
    amount: 'bigint',
    currency: 'plain',
    providerId: 'plain',
    approval: 'plain',
    createdAt: 'date',
    document: 'plain',
  },
  since: { approval: null },
}

export const DISPUTES: Shape<Dispute> = {
  table: 'disputes',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    chargeId: 'plain',
    paymentId: 'plain',
    providerId: 'plain',
    kind: 'plain',
    state: 'plain',
    amount: 'bigint',
    currency: 'plain',
    createdAt: 'date',
    withdrawnAt: 'date',
    reinstatedAt: 'date',
    document: 'plain',
  },
  since: { withdrawnAt: null, reinstatedAt: null },
}

export const METHODS: Shape<PaymentMethod> = {
  table: 'payment_methods',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    state: 'plain',
    customerId: 'plain',
    tokenId: 'plain',
    createdAt: 'date',
    document: 'plain',
  },
}

export const OPERATIONS: Shape<Operation> = {
  table: 'operations',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    chargeId: 'plain',
    kind: 'plain',
    sequence: 'plain',
    amount: 'bigint',
    currency: 'plain',
    final: 'plain',
    state: 'plain',
    providerKey: 'plain',
    providerKeyValidUntil: 'date',
    fence: 'plain',
    createdAt: 'date',
    askAt: 'date',
    asked: 'plain',
    absentSince: 'date',
    document: 'plain',
  },
}

export const POSTINGS: Shape<Posting> = {
  table: 'postings',
  fields: {
    tenant: 'plain',
    cause: 'plain',
    line: 'plain',
    debit: 'plain',
    credit: 'plain',
    amount: 'bigint',
    currency: 'plain',
    chargeId: 'plain',
    createdAt: 'date',
  },
}

export const ENDPOINTS: Shape<WebhookEndpoint> = {
  table: 'webhook_endpoints',
  fields: {
    tenant: 'plain',
    id: 'plain',
    version: 'plain',
    url: 'plain',
    named: 'plain',
    status: 'plain',
    door: 'plain',
    apiVersion: 'plain',
    enabledEvents: 'plain',
    sealedSecret: 'bytes',
    sealedPrevious: 'bytes',
    previousUntil: 'date',
    disabledReason: 'plain',
    disabledAt: 'date',
    deleted: 'plain',
    createdAt: 'date',
    document: 'plain',
  },
  since: { named: null, sealedPrevious: null, previousUntil: null, disabledReason: null, disabledAt: null },
}

export const IDEMPOTENCY: Shape<Omit<IdempotencyRow, 'answer'> & { answer: unknown }> = {
  table: 'idempotency',
  fields: {
    tenant: 'plain',
    door: 'plain',
    key: 'plain',
    request: 'plain',
    parameters: 'plain',
    objectId: 'plain',
    eventId: 'plain',
    answer: 'plain',
    refusal: 'plain',
    leasedUntil: 'date',
    createdAt: 'date',
  },
}

type EventRow = Omit<EventFact, 'snapshot' | 'previous'> & { snapshot: unknown; previous: unknown }
export const EVENTS: Shape<EventRow> = {
  table: 'events',
  fields: {
    tenant: 'plain',
    id: 'plain',
    type: 'plain',
    root: 'plain',
    rootVersion: 'plain',
    ordinal: 'plain',
    snapshot: 'plain',
    previous: 'plain',
    requestId: 'plain',
    idempotencyKey: 'plain',
    createdAt: 'date',
  },
}
