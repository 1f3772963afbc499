import type { FastifyInstance } from 'fastify'
import { otherMode, parseName, type Tenant } from '../core/ids.ts'
import { publishedKeys, TEST_SUFFIX } from '../flows/receipts.ts'
import { sendFault } from './answer-error.ts'
import type { ApiDeps } from './api/api.ts'

/**
 * An account's public keys, for whoever verifies a receipt: a JWK Set (RFC 7517 §5) that anybody may read and keep for five
 * minutes. A key that signs as of now is there before its first receipt.
 */
export function registerReceiptKeys(app: FastifyInstance, deps: ApiDeps): void {
  app.get('/.well-known/opentill/:account/receipt-keys.json', async (request, reply) => {
    const { account } = request.params as { readonly account: string }
    const tenant = await tenantOf(deps, account)
    if (tenant === undefined) {
      return sendFault({ code: 'resource_missing', detail: account, noun: 'account' }, request, reply, deps.publicUrl())
    }
    const keys = publishedKeys(await deps.receipts.keysOf(tenant))
    return reply
      .headers({ 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' })
      .type('application/jwk-set+json')
      .send(JSON.stringify(keys))
  })
}

/** `acct_…`, or `acct_…-test` for its test mode. */
async function tenantOf({ storage }: ApiDeps, text: string): Promise<Tenant | undefined> {
  const test = text.endsWith(TEST_SUFFIX)
  const name = parseName('account', test ? text.slice(0, -TEST_SUFFIX.length) : text)
  const account = name && (await storage.findAccount(name.tenant))
  if (!name || account?.id !== name.id || account.tenant !== name.tenant) return undefined
  return test ? otherMode(name.tenant) : name.tenant
}
