import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { TSchema } from '@fastify/type-provider-typebox'
import { AccountShape, BalanceShape, SettingsShape } from '../../src/http/api/shapes/account.ts'
import { CustomerShape, LineItemShape, PriceShape, ProductShape } from '../../src/http/api/shapes/catalog.ts'
import { DisputeShape } from '../../src/http/api/shapes/dispute.ts'
import { EndpointShape, EventShape } from '../../src/http/api/shapes/event.ts'
import { MethodShape } from '../../src/http/api/shapes/method.ts'
import { MovementShape } from '../../src/http/api/shapes/movement.ts'
import { ChargeShape, PaymentShape } from '../../src/http/api/shapes/payment.ts'
import { RefundShape } from '../../src/http/api/shapes/refund.ts'
import { SessionShape } from '../../src/http/api/shapes/session.ts'
import { temporaryFolder } from '../support/folder.ts'
import { captureReplies } from './operations.ts'

const ROOT = join(import.meta.dirname, '../..')
const replies = await captureReplies(import.meta.url)

type Members = Readonly<Record<string, unknown>>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every object of the wire that was captured, wherever it was nested. */
const objects: Members[] = []
gather(replies.map(({ json }) => json))
function gather(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) gather(item)
  else if (isMembers(value)) {
    if (typeof value.object === 'string') objects.push(value)
    for (const member of Object.values(value)) gather(member)
  }
}
const ofKind = (kind: string) => objects.filter(({ object, deleted }) => object === kind && deleted === undefined)

type WireEvent = { readonly type: string; readonly data: { readonly previous_attributes?: object } }

/** Each captured reply as a literal beside the SDK's type of it. */
function checks(): readonly string[] {
  const lines: string[] = []
  for (const { type, json } of replies) {
    if (type.startsWith('Stripe.')) lines.push(`void (${JSON.stringify(json)} satisfies Wire<${type}>)`)
    if (type !== 'events') continue
    const { data } = json as { readonly data: readonly WireEvent[] }
    for (const { data: told, ...event } of data) {
      // Stripe has no event for a new session: ours goes to endpoints that name it.
      if (event.type === 'checkout.session.created') continue
      const { previous_attributes: previous, ...rest } = told
      const type = `Extract<Stripe.Event, {type: '${event.type}'}>`
      lines.push(`void (${JSON.stringify({ ...event, data: rest })} satisfies Wire<${type}>)`)
      if (!previous) continue
      lines.push(`void (${JSON.stringify(previous)} satisfies Previous<${type}['data']['object']>)`)
    }
  }
  return lines
}

/** What the compiler says of some lines. */
async function compile(lines: readonly string[]): Promise<string> {
  const folder = temporaryFolder()
  const imports = [
    `import type Stripe from '${join(ROOT, 'node_modules/stripe/esm/stripe.esm.node.js')}'`,
    `import type { Previous, Wire } from '${join(ROOT, 'test/wire/wire.ts')}'`,
  ]
  writeFileSync(join(folder, 'captured.ts'), [...imports, ...lines].join('\n'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        typeRoots: [join(ROOT, 'node_modules/@types')],
        paths: { stripe: [join(ROOT, 'node_modules/stripe/esm/stripe.esm.node.d.ts')] },
      },
      include: ['captured.ts'],
    }),
  )
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const said = await promisify(execFile)(tsc, ['-p', folder]).catch(
    (error: { stdout: string; stderr: string }) => error,
  )
  rmSync(folder, { recursive: true })
  return said.stdout + said.stderr
}

test("every reply satisfies the SDK's type of it: no key missing, none unknown, no value that the SDK does not know", async () => {
  const lines = checks()
  assert.ok(lines.length > 30, String(lines.length))
  assert.equal(await compile(lines), '')
})

test('the compiler sees a missing key, an unknown one, a wrong type and an unknown value', async () => {
  const session = replies.find(({ type }) => type === 'Stripe.Checkout.Session')?.json as Members
  const { url: _, ...without } = session
  const wrong = [
    without,
    { ...session, colour: 1 },
    { ...session, amount_total: '1' },
    { ...session, status: 'closed' },
  ]
  const said = await compile(
    wrong.map((json) => `void (${JSON.stringify(json)} satisfies Wire<Stripe.Checkout.Session>)`),
  )
  for (const line of [3, 4, 5, 6]) assert.match(said, new RegExp(`captured\\.ts\\(${line},`), said)
})

/** Keys of Stripe's samples that ours leave out: optional ones of other countries, methods and products. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  account: [],
  balance_transaction: [],
  charge: ['refunds', 'payment_method_details.card.three_d_secure'],
  'checkout.session': [],
  customer: [],
  dispute: [],
  event: [],
  item: [],
  payment_intent: ['automatic_payment_methods'],
  payment_method: [],
  price: [],
  product: [],
  refund: ['destination_details'],
  webhook_endpoint: [],
}
const samples = (
  JSON.parse(readFileSync(join(ROOT, 'test/fixtures/stripe-fixtures3.subset.json'), 'utf8')) as {
    resources: Readonly<Record<string, Members>>
  }
).resources

for (const kind of Object.keys(LEFT_OUT).filter((name) => samples[name])) {
  test(`every ${kind} has the keys and the nesting of Stripe's sample`, () => {
    assert.ok(ofKind(kind).length > 0)
    for (const object of ofKind(kind)) assert.deepEqual(missingKeys(samples[kind] ?? {}, object, '', kind), [])
  })
}

/** Keys that the sample has and the object has not; where ours is null, what would be inside is not asked for. */
function missingKeys(sample: Members, object: Members, at: string, kind: string): readonly string[] {
  return Object.entries(sample).flatMap(([key, member]) => {
    const path = at + key
    if (LEFT_OUT[kind]?.includes(path) || path === 'data.object' || path.endsWith('metadata')) return []
    if (!Object.hasOwn(object, key)) return [path]
    const own = object[key]
    return isMembers(member) && isMembers(own) ? missingKeys(member, own, `${path}.`, kind) : []
  })
}

const SHAPES: Readonly<Record<string, TSchema>> = {
  account: AccountShape,
  account_settings: SettingsShape,
  balance: BalanceShape,
  balance_transaction: MovementShape,
  charge: ChargeShape,
  'checkout.session': SessionShape,
  customer: CustomerShape,
  dispute: DisputeShape,
  event: EventShape,
  item: LineItemShape,
  payment_intent: PaymentShape,
  payment_method: MethodShape,
  price: PriceShape,
  product: ProductShape,
  refund: RefundShape,
  webhook_endpoint: EndpointShape,
}

/** Claimed, and filled only when a provider is in trouble: `review.test.ts` shows them. */
const SHOWN_IN_TROUBLE: readonly string[] = [
  'charge provider_contradiction',
  'charge provider_contradiction.believed_at',
  'charge provider_contradiction.said',
  'charge provider_contradiction.said_at',
  'charge refunds.data[].needs_review',
  'charge refunds.data[].pending_reason',
  'refund needs_review',
]

/** Claimed, and filled where an endpoint is another front door's: `door-endpoints.test.ts` shows them. */
const SHOWN_BY_DOORS: readonly string[] = ['webhook_endpoint door', 'webhook_endpoint named_by_sessions']
const SHOWN_ELSEWHERE: readonly string[] = [...SHOWN_IN_TROUBLE, ...SHOWN_BY_DOORS]

for (const [kind, shape] of Object.entries(SHAPES)) {
  test(`every field that a ${kind} claims was once filled by a real operation`, () => {
    const filled = new Set<string>()
    for (const object of ofKind(kind)) note(object, '', filled)
    const empty = claimsOf(shape, '').filter(
      (path) => !filled.has(path) && !SHOWN_ELSEWHERE.includes(`${kind} ${path}`),
    )
    assert.deepEqual(empty, [])
  })
}

type Plain = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Plain>>
  readonly items?: Plain | readonly Plain[]
  readonly anyOf?: readonly Plain[]
}

/** The paths of a shape that may hold more than null. */
function claimsOf(schema: TSchema, at: string): readonly string[] {
  const plain = schema as Plain
  // Null and the empty list are skeleton.
  if (plain.type === 'null' || (Array.isArray(plain.items) && plain.items.length === 0)) return []
  const inside = (plain.anyOf ?? []).filter(({ type }) => type !== 'null')
  if (plain.anyOf && inside.length === 1) return claimsOf(inside[0] as TSchema, at)
  const own = at === '' ? [] : [at]
  if (plain.items) return [...own, ...claimsOf(plain.items as TSchema, `${at}[]`).filter((path) => path !== `${at}[]`)]
  const members = Object.entries(plain.properties ?? {})
  // An object that is always empty is a skeleton, and claims nothing.
  if (plain.type === 'object' && plain.properties && members.length === 0) return []
  return [
    ...own.filter(
      () => members.length === 0 || members.some(([, member]) => claimsOf(member as TSchema, 'x').length > 0),
    ),
    ...members.flatMap(([key, member]) => claimsOf(member as TSchema, at === '' ? key : `${at}.${key}`)),
  ]
}

function note(value: unknown, at: string, filled: Set<string>): void {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return
  if (at !== '') filled.add(at)
  if (Array.isArray(value)) for (const item of value) note(item, `${at}[]`, filled)
  else if (isMembers(value)) {
    for (const [key, member] of Object.entries(value)) note(member, at === '' ? key : `${at}.${key}`, filled)
  }
}
