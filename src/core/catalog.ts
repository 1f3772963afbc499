import type { Tenant, Uuid } from './ids.ts'
import type { Address, Metadata, Shipping } from './session.ts'

export type Product = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly name: string
  readonly active: boolean
  readonly deleted: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly document: {
    readonly description?: string
    readonly images?: readonly string[]
    readonly metadata?: Metadata
    readonly url?: string
    readonly unitLabel?: string
    readonly shippable?: boolean
    readonly statementDescriptor?: string
    readonly taxCode?: string
    readonly marketingFeatures?: readonly { readonly name: string }[]
    readonly packageDimensions?: {
      readonly height: number
      readonly length: number
      readonly weight: number
      readonly width: number
    }
    readonly defaultPriceId?: Uuid
  }
}

export type Recurrence = {
  readonly interval: 'day' | 'week' | 'month' | 'year'
  readonly intervalCount: number
  readonly trialPeriodDays?: number
}

/** No price is due less often than every three years, as with Stripe. */
export const LONGEST_INTERVALS: { readonly [interval in Recurrence['interval']]: number } = {
  day: 1_095,
  week: 156,
  month: 36,
  year: 3,
}

export type Price = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly productId: Uuid
  readonly active: boolean
  readonly currency: string
  readonly unitAmount: bigint
  readonly lookupKey: string | null
  readonly createdAt: Date
  readonly document: {
    readonly nickname?: string
    readonly metadata?: Metadata
    readonly taxBehavior?: 'exclusive' | 'inclusive' | 'unspecified'
    /** How often it is due; left out for a price that is paid once. */
    readonly recurring?: Recurrence
  }
}

export type Customer = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly email: string | null
  readonly name: string | null
  readonly deleted: boolean
  readonly createdAt: Date
  readonly document: {
    readonly description?: string
    readonly phone?: string
    readonly metadata?: Metadata
    readonly address?: Address
    readonly shipping?: Shipping
    readonly preferredLocales?: readonly string[]
    readonly taxExempt?: 'none' | 'exempt' | 'reverse'
    readonly invoicePrefix?: string
  }
}
