/** A fault as somebody might write it: a piece of `src` and what stands there instead. */
export type Bug = {
  readonly name: string
  readonly file: string
  /** Must be there exactly once: a bug whose place is gone is a fault of this list. */
  readonly find: string
  readonly replace: string
}

export const BUGS: readonly Bug[] = [
  {
    name: 'a first "no record" closes a charge',
    file: 'src/core/asking.ts',
    find: 'absentSince !== null && ageMs(absentSince, now) >= ABSENCES_APART_MS && ageMs(createdAt, now) > horizonMs',
    replace: 'true',
  },
  {
    name: '"no record" closes a charge before the horizon',
    file: 'src/core/asking.ts',
    find: ' && ageMs(createdAt, now) > horizonMs',
    replace: '',
  },
  {
    name: 'one "no record" after the horizon is enough',
    file: 'src/core/asking.ts',
    find: 'return absentSince !== null && ageMs(absentSince, now) >= ABSENCES_APART_MS && ',
    replace: 'return ',
  },
  {
    name: 'late success is never looked for',
    file: 'src/core/asking.ts',
    find: 'document.decline?.raw === NOT_RECEIVED ? growing(createdAt, now, 15 * MINUTE_MS, DAY_MS) : null',
    replace: 'null',
  },
  {
    name: 'pending refunds are never asked about again',
    file: 'src/core/asking.ts',
    find: "state === 'pending' ? growing(createdAt, now, MINUTE_MS, DAY_MS) : null",
    replace: 'null',
  },
  {
    name: 'a cardholder who does not come back is waited for without end',
    file: 'src/core/asking.ts',
    find: 'return new Date(Math.max(createdAt.getTime() + CHALLENGE_MS, now.getTime() + overdueMs(createdAt, now)))',
    replace: 'return null',
  },
  {
    name: 'surplus is not ordered back',
    file: 'src/core/orders.ts',
    find: "if (charge.state !== 'surplus' || charge.providerId === null) return attempt",
    replace: 'return attempt',
  },
  {
    name: 'a refund may be larger than what is left',
    file: 'src/core/orders.ts',
    find: 'if (wanted <= 0n || wanted > left) {',
    replace: 'if (wanted <= 0n) {',
  },
  {
    name: 'a capture does not settle the hold',
    file: 'src/core/orders.ts',
    find: "orderOf(attempt, 'capture', { amount: wanted, final: true, waits: true }, means)",
    replace: "orderOf(attempt, 'capture', { amount: wanted, final: false, waits: true }, means)",
  },
  {
    name: 'refunds under way reserve nothing',
    file: 'src/core/refunding.ts',
    find: 'RESERVING_REFUND_STATES.includes(state)',
    replace: "state === 'succeeded'",
  },
  {
    name: 'a refund seen again is another one',
    file: 'src/core/refunding.ts',
    find: 'if (refund.providerId !== null) return refund.providerId === seen.providerId',
    replace: 'if (refund.providerId !== null) return false',
  },
  {
    name: 'a timeout is a decline',
    file: 'src/core/hear-charge.ts',
    find: "sent === 'asked' ? undefined : 'lost'",
    replace: "sent === 'asked' ? undefined : 'declined'",
  },
  {
    name: 'a strange amount is believed at once',
    file: 'src/core/strange.ts',
    find: 'strange: { fact, at, since } } }, news: unheard }',
    replace: 'strange: { fact, at, since } } }, news }',
  },
  {
    name: 'a strange amount is never believed',
    file: 'src/core/strange.ts',
    find: 'strange: { ...known, believedAt: at } } }, news }',
    replace: 'strange: known } }, news: unheard }',
  },
  {
    name: 'whoever is strange twice is believed, whatever he says',
    file: 'src/core/strange.ts',
    find: 'if (known?.fact !== fact) {',
    replace: 'if (known === undefined) {',
  },
  {
    name: 'success of any amount is success',
    file: 'src/core/hear-charge.ts',
    find: "if (shown === 0n || shown < ordered) return 'undecided'",
    replace: '',
  },
  {
    name: 'money is taken however late it comes',
    file: 'src/core/hear-charge.ts',
    find: "now.getTime() > end ? 'late' : event",
    replace: 'event',
  },
  {
    name: 'a captured charge still holds the rest',
    file: 'src/core/hear-charge.ts',
    find: "if (after.state === 'authorized') return uncaptured",
    replace: "if (after.state === 'authorized' || after.state === 'captured') return uncaptured",
  },
  {
    name: 'a payment reserves nothing while its charge is under way',
    file: 'src/core/follow-charge.ts',
    find: 'reserved: isLiveCharge(charge.state) ? payment.amount : 0n',
    replace: 'reserved: 0n',
  },
  {
    name: 'doubt shows as a payment that may be tried again',
    file: 'src/core/payment-machine.ts',
    find: "unknown: 'processing'",
    replace: "unknown: 'requires_payment_method'",
  },
  {
    name: 'a session that is being paid may expire',
    file: 'src/core/session-machine.ts',
    find: "succeeded: 'complete',\n    expire: '-'",
    replace: "succeeded: 'complete',\n    expire: 'expired'",
  },
  {
    name: 'captured money is not booked',
    file: 'src/core/posting.ts',
    find: "if (captured > 0n) lines.push({ debit: 'receivable', credit: 'sales', amount: captured })",
    replace: '',
  },
  {
    name: 'money that went back is booked as more sales',
    file: 'src/core/posting.ts',
    find: "if (moved > 0n) lines.push({ debit: 'refunds', credit: 'receivable', amount: moved, cause: refund.id })",
    replace: "if (moved > 0n) lines.push({ debit: 'receivable', credit: 'refunds', amount: moved, cause: refund.id })",
  },
  {
    name: 'a failed charge is not told',
    file: 'src/core/telling.ts',
    find: "failed: ['charge.failed', 'payment_intent.payment_failed']",
    replace: 'failed: []',
  },
  {
    name: 'a completed session is not told',
    file: 'src/core/telling.ts',
    find: "if (after.session.state === 'complete') told.push({ type: 'checkout.session.completed' })",
    replace: '',
  },
  {
    name: 'confirm does not compare and set the session',
    file: 'src/flows/confirm.ts',
    find: 'sessions: session ? [session] : [],',
    replace: 'sessions: [],',
  },
  {
    name: 'a form may be spent twice',
    file: 'src/flows/confirm.ts',
    find: 'view.session.tries !== input.attempt',
    replace: 'false',
  },
  {
    name: 'one may pay after the end',
    file: 'src/flows/confirm.ts',
    find: ' || view.session.expiresAt <= now',
    replace: '',
  },
  {
    name: 'the card is shredded before its order leaves',
    file: 'src/flows/pay.ts',
    find: 'const seen = await connector.start(order, payments.outside)',
    replace: 'await payments.forgetCard(order.card)\n  const seen = await connector.start(order, payments.outside)',
  },
  {
    name: 'a lost order is sent again under a fresh key',
    file: 'src/flows/charging.ts',
    find: 'key: operation.providerKey,\n    amount: operation.amount',
    replace: "key: operation.providerKey + '-' + operation.asked,\n    amount: operation.amount",
  },
  {
    name: 'an authorization that was lost is sent again under a fresh key',
    file: 'src/flows/pay.ts',
    find: 'const seen = await connector.start(order, payments.outside)',
    replace:
      "const first = await connector.start(order, payments.outside)\n  const seen = first === 'lost' ? await connector.start({ ...order, key: order.key + '-2' }, payments.outside) : first",
  },
  {
    name: 'an order leaves before it is committed',
    file: 'src/flows/place-order.ts',
    find: 'const key = undecidedKey(',
    replace: 'await driveOrder(payments, ordered.attempt, ordered.operation)\n    const key = undecidedKey(',
  },
  {
    name: 'a new refund is not told',
    file: 'src/flows/place-order.ts',
    find: 'if (refund) {\n    return [',
    replace: 'if (refund && !env) {\n    return [',
  },
  {
    name: 'an order is sent however old its key is',
    file: 'src/flows/drive-order.ts',
    find: 'maySend(order, connector.can.horizonMs, env.now())',
    replace: 'order.kind',
  },
  {
    name: 'an order is sent until the last moment of its key',
    file: 'src/core/asking.ts',
    find: 'now.getTime() + horizonMs < providerKeyValidUntil.getTime()',
    replace: 'now < providerKeyValidUntil',
  },
  {
    name: 'evidence is stored without its postings',
    file: 'src/flows/apply-evidence.ts',
    find: 'postings: postingsFor(before, attempt, now),',
    replace: 'postings: [],',
  },
  {
    name: 'evidence is stored without its events',
    file: 'src/flows/apply-evidence.ts',
    find: 'events: told.map((one, index) => eventOf(context, before, attempt, one, index + 1)),',
    replace: 'events: [],',
  },
  {
    name: 'the key of an order is never decided',
    file: 'src/flows/apply-evidence.ts',
    find: 'if (!answers || !earlier || word === wordOn(earlier, before)) return []',
    replace: 'return []',
  },
  {
    name: 'a new session does not keep its key',
    file: 'src/flows/create-session.ts',
    find: 'idempotency: key ?? null',
    replace: 'idempotency: null',
  },
  {
    name: 'a change does not keep its key',
    file: 'src/flows/once.ts',
    find: 'key ? { ...change.set, idempotency: key } : change.set',
    replace: 'change.set',
  },
  {
    name: 'a key may be used for another request',
    file: 'src/flows/once.ts',
    find: 'if (difference !== undefined) return refuse(',
    replace: 'if (difference === null) return refuse(',
  },
  {
    name: 'a closed session keeps its payment',
    file: 'src/flows/close-session.ts',
    find: 'payments: payment ? [payment] : [],',
    replace: 'payments: [],',
  },
  {
    name: 'a shopper may cancel what only leaves',
    file: 'src/flows/close-session.ts',
    find: 'view?.session.cancelEnds ? closing(',
    replace: 'view ? closing(',
  },
  {
    name: 'nobody sweeps',
    file: 'src/flows/sweep.ts',
    find: 'const CLAIMS_PER_TENANT = 20',
    replace: 'const CLAIMS_PER_TENANT = 0',
  },
  {
    name: 'a redirect counts as delivered',
    file: 'src/events/attempt.ts',
    find: 'status >= 200 && status < 300',
    replace: 'status >= 200 && status < 400',
  },
  {
    name: 'a try counts as delivered',
    file: 'src/events/attempt.ts',
    find: 'if (answer && error === undefined) return',
    replace: 'if (answer) return',
  },
  {
    name: 'a delivery is late after three tries',
    file: 'src/events/attempt.ts',
    find: 'late: tries >= SCHEDULED_TRIES,',
    replace: 'late: tries > 2,',
  },
  {
    name: 'a notice that anybody signed is a provider’s notice',
    file: 'src/connectors/verify-signature.ts',
    find: "if (!right) return 'wrong_signature'",
    replace: '',
  },
  {
    name: 'a notice that was caught long ago is as good as a new one',
    file: 'src/connectors/verify-signature.ts',
    find: '<= TOLERANCE_SECONDS',
    replace: '<= 1_000 * TOLERANCE_SECONDS',
  },
  {
    name: 'a notice is taken for a fact',
    file: 'src/flows/follow-notices.ts',
    find: 'const asked = await askAbout(payments, tenant, name.id)',
    replace: `const { applyEvidence } = await import('./apply-evidence.ts')
  const known = await payments.storage.findAttempt(tenant, name.id)
  if (!known) return 'again'
  const { authorized, providerId, amount } = known.charge
  const told = { authorized: authorized > 0n ? authorized : amount, captured: amount, providerId, refunds: [] }
  const attempt = await applyEvidence(payments, known, {
    seen: { ...told, state: 'captured' as const }, sent: 'asked', about: null,
  })
  const asked = { attempt, seen: 'known' as string }`,
  },
  {
    name: 'a question that nobody answered settles a notice',
    file: 'src/flows/follow-notices.ts',
    find: "asked.seen === 'lost' || asked.seen === 'absent' ? 'again' : 'done'",
    replace: "'done'",
  },
  {
    name: 'a notice whose asker died is nobody’s any more',
    file: 'src/flows/follow-notices.ts',
    find: 'const LEASE_MS = 60_000',
    replace: 'const LEASE_MS = 600 * 60_000',
  },
  {
    name: 'what a provider tells is kept, and nobody asks',
    file: 'src/flows/follow-notices.ts',
    find: 'const CLAIMS_PER_TENANT = 20',
    replace: 'const CLAIMS_PER_TENANT = 0',
  },
  {
    name: 'a notice is tried once',
    file: 'src/core/notice.ts',
    find: '>= PATIENCE_MS',
    replace: '>= 0',
  },
  {
    name: 'a card that nobody keeps pays as often as it likes',
    file: 'src/flows/confirm-payment.ts',
    find: "return row.state === 'fresh' ? [{ ...row, version: row.version + 1, state: 'spent' }] : []",
    replace: 'return []',
  },
  {
    name: 'nobody asks whether a hold has run out',
    file: 'src/core/asking.ts',
    find: 'return holdLook({ createdAt, document }, now)',
    replace: 'return null',
  },
  {
    name: 'a cardholder is waited for until tomorrow',
    file: 'src/core/asking.ts',
    find: 'Math.max(createdAt.getTime() + CHALLENGE_MS, now',
    replace: 'Math.max(createdAt.getTime() + DAY_MS, now',
  },
  {
    name: 'a card is asked for under the name of its payment',
    file: 'src/flows/charging.ts',
    find: 'const owner = charge.document.methodId ?? payment.sessionId',
    replace: 'const owner = charge.document.methodId ?? payment.id',
  },
  {
    name: 'an event tells each endpoint where it was sent',
    file: 'src/events/attempt.ts',
    find: 'await send(env, client, means, delivery)',
    replace:
      'await send(env, client, means, { ...delivery, body: Buffer.concat([delivery.body, Buffer.from(delivery.url)]) })',
  },
  {
    name: 'a session is answered under a name that was never stored',
    file: 'src/flows/create-session.ts',
    find: 'return done({ snapshot, replayed: false })',
    replace:
      'return done({ snapshot: { ...snapshot, session: { ...session, id: newUuid(context.env) } }, replayed: false })',
  },
  {
    name: 'a chargeback takes its money again with every report',
    file: 'src/core/posting.ts',
    find: 'dispute[moment] !== null && !earlier?.[moment]',
    replace: 'dispute[moment] !== null',
  },
  {
    name: 'a chargeback seen again is another one',
    file: 'src/core/disputing.ts',
    find: 'providerId === one.providerId',
    replace: 'providerId === one.providerId && false',
  },
  {
    name: 'a chargeback that is lost gives its money back',
    file: 'src/core/disputing.ts',
    find: "state === 'won' ? (reinstatedAt ?? now)",
    replace: "state === 'won' || state === 'lost' ? (reinstatedAt ?? now)",
  },
  {
    name: 'money that a shop won back is booked back a second time',
    file: 'src/core/posting.ts',
    find: "...(isNew('reinstatedAt') ? [reinstated] : [])",
    replace: "...(isNew('reinstatedAt') ? [reinstated, { ...reinstated, line: 4 }] : [])",
  },
  {
    name: 'what an issuer took back is refunded as well',
    file: 'src/core/refunding.ts',
    find: 'smallerOf(captured, captureOrdered) - ordered - elsewhere - disputed',
    replace: 'smallerOf(captured, captureOrdered) - ordered - elsewhere - 0n * disputed',
  },
  {
    name: 'a chargeback that nobody told of is never looked for',
    file: 'src/core/asking.ts',
    find: 'return growing(createdAt, now, DAY_MS, 2 * PATIENCE_MS, DISPUTABLE_MS)',
    replace: 'return null',
  },
  {
    name: 'an open dispute is never looked at again',
    file: 'src/core/asking.ts',
    find: 'if (isOverDispute(state) || age >= DISPUTABLE_MS) return null',
    replace: 'return null',
  },
  {
    name: 'evidence leaves before it is stored',
    file: 'src/flows/place-order.ts',
    find: '    const committed = await storage.commit({\n      ...changedRows(attempt, ordered.attempt),',
    replace: `    if (ordered.dispute) void driveOrder(payments, ordered.attempt, ordered.operation).catch(() => undefined)
    const committed = await storage.commit({
      ...changedRows(attempt, ordered.attempt),`,
  },
  {
    name: 'evidence whose answer was lost is thought to have arrived',
    file: 'src/core/settle-orders.ts',
    find: "return arrived ? { is: 'done' } : { is: 'unseen' }",
    replace: "return { is: 'done' }",
  },
]
