import type { AliasRequest } from '../../../core/page-alias.ts'
import { fillSessionId } from '../../../core/return-urls.ts'
import type { Context } from '../../../flows/call.ts'
import type { DoorPage } from '../index.ts'
import { findOpenCheckout } from './find-session.ts'
import { openCheckoutId } from './render-session.ts'

/** Shoppers come by `/pay/<id>`, and go to the shop's own URLs with the id that the shop knows filled in. */
export function openCheckoutPage({ storage }: Context): DoorPage {
  const find = async ({ params }: AliasRequest) => (await findOpenCheckout(storage, params.id ?? ''))?.session
  return {
    returns: ({ session }, end) => {
      const { successUrl, cancelUrl } = session.document
      const url = end === 'success' ? successUrl : end === 'cancel' ? cancelUrl : undefined
      return url === undefined ? undefined : fillSessionId(url, openCheckoutId(session))
    },
    aliases: ['/pay/:id', '/pay/:id/success', '/pay/:id/grant/callback'].map((path) => ({
      door: 'opencheckout' as const,
      path,
      find,
    })),
  }
}
