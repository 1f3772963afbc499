import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { payByForm } from '../pay-by-form.ts'
import { rowsOf, type SecPaidTill, startSecPaid } from './client.ts'

let till: SecPaidTill
before(async () => {
  till = await startSecPaid(import.meta.url)
})
after(() => till?.stop())

const form = (fields: Record<string, string>) => new URLSearchParams(fields)
const payIns = async (body: object) => rowsOf(await till.call('getPayInTransactions', body))

test('secpaid 9: a payment is one row, and no row before', async () => {
  const link = await till.link({ amount: 49.99, recipient_note: 'Order 9' })
  assert.deepEqual(await payIns({ pay_id: link.id }), [])
  await payByForm(link.pay_link)
  for (const pay_id of [link.id, String(link.id)]) {
    const [row, ...more] = await payIns({ pay_id })
    assert.equal(more.length, 0)
    const { created_at, transaction_id, ...rest } = row ?? {}
    assert.match(String(created_at), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    assert.match(String(transaction_id), /^\d{8}-pi-[\da-f]{10}$/)
    assert.deepEqual(rest, {
      pay_id: String(link.id),
      creator_id: link.user_id,
      user_id: link.user_id,
      amount: '49.99',
      net_amount: '49.99',
      service_fee: '0.00',
      service_fee_psp: '0.00',
      status: 'Success',
      recipient_note: 'Order 9',
      payout_status: 'Pending',
      is_split_link: 'false',
      is_dispute: 'false',
      is_refund: 'false',
      payment_method: 'card',
      transaction_type: 'Basic',
    })
  }
  for (const pay_id of ['1', '0', 'x', '9'.repeat(25), '-1']) assert.deepEqual(await payIns({ pay_id }), [])
})

test('secpaid 10: the list is asked for in a form, in parts, by day, by page and by words', async () => {
  const [one, other] = [await till.link({ amount: 10, recipient_note: 'Ten_x' }), await till.link({ amount: '20.5' })]
  await payByForm(one.pay_link)
  await payByForm(other.pay_link)
  const ids = (rows: readonly { readonly pay_id?: unknown }[]) => rows.map(({ pay_id }) => pay_id)
  const both = [String(other.id), String(one.id)]
  assert.deepEqual(ids(await payIns(form({ since: '30', limit: '200' }))).slice(0, 2), both)
  const parts = new FormData()
  parts.set('since', '30')
  parts.set('limit', '10000')
  assert.deepEqual(ids(await payIns(parts)).slice(0, 2), both)
  assert.deepEqual(ids(await payIns({ limit: 1 })), [both[0]])
  assert.deepEqual(ids(await payIns({ limit: 1, page: 2 })), [both[1]])
  assert.deepEqual(ids(await payIns({ search: 'TEN_' })), [both[1]])
  assert.deepEqual(await payIns({ search: 'T%n' }), [])
  assert.deepEqual(ids(await payIns({ search: '20.50' })), [both[0]])
  const [newest] = await payIns({ limit: 1 })
  assert.deepEqual(ids(await payIns({ search: newest?.transaction_id })), [both[0]])
  const today = String(newest?.created_at).slice(0, 10)
  assert.deepEqual(ids(await payIns({ date: today, limit: 2 })), both)
  assert.deepEqual(await payIns({ date: '2020-02-29' }), [])
  for (const [field, value] of [
    ['date', '2021-02-29'],
    ['limit', 'all'],
    ['limit', -1],
    ['page', '0.5'],
    ['since', 'ever'],
    ['search', { a: 1 }],
  ] as const) {
    const { status, json } = await till.call('getPayInTransactions', { [field]: value })
    assert.deepEqual([status, json.ResponseCode], [200, 0])
    assert.match(json.ResponseMsg, new RegExp(field))
  }
})

test('secpaid 15: an unused link is deleted, and its page is gone; a paid one is not', async () => {
  const link = await till.link({ amount: 5 })
  const deleted = await till.call('deleteLink', { link_id: link.id })
  assert.deepEqual([deleted.json.ResponseCode, deleted.json.data], [1, undefined])
  assert.equal(deleted.json.ResponseMsg, 'Link has been deleted successfully')
  assert.equal((await fetch(link.pay_link)).status, 404)
  const says = async (link_id?: unknown) => (await till.call('deleteLink', { link_id })).json.ResponseMsg
  assert.equal(await says(link.id), 'This link is already deleted')
  const paid = await till.link({ amount: 5 })
  await payByForm(paid.pay_link)
  assert.equal(await says(String(paid.id)), 'This link is already used')
  assert.equal(await says(), 'Please enter link_id')
  for (const unknown of [12345, 'x', '-1', 1.5]) assert.equal(await says(unknown), 'Invalid link ID')
})

test('secpaid 18: links that were paid and links that were not are listed, and so are invoices', async () => {
  const note = 'eighteen'
  const [first, second, unused, gone] = await Promise.all(
    [1, 2, 3, 4].map((n) => till.link({ amount: n + 1, recipient_note: `${note} ${n}` })),
  )
  await payByForm(String(second?.pay_link))
  await payByForm(String(first?.pay_link))
  await till.call('deleteLink', { link_id: gone?.id })
  const used = rowsOf(await till.call('getMyUsedLinks', { limit: 50, search: 'EIGHTEEN' }))
  assert.deepEqual(
    used.map(({ linktopay_id, amount }) => [linktopay_id, amount]),
    [
      [String(first?.id), '2.00'],
      [String(second?.id), '3.00'],
    ],
  )
  assert.match(String(used[0]?.paid_on), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  const open = rowsOf(await till.call('getMyUnusedLinks', form({ search: note })))
  assert.deepEqual(
    open.map(({ linktopay_id, pay_link, is_cancelled }) => [linktopay_id, pay_link, is_cancelled]),
    [[String(unused?.id), unused?.pay_link, 'No']],
  )
  assert.equal(rowsOf(await till.call('getMyUsedLinks', { limit: 1 })).length, 1)
  const invoices = await till.call('getTaxInvoiceList', { page: 1, limit: 12 })
  assert.deepEqual([invoices.json.ResponseCode, rowsOf(invoices), invoices.json.totalRecords], [1, [], 0])
  const payouts = await till.call('getPayOutTransactions', form({ page: '1', limit: '10' }))
  assert.deepEqual([payouts.json.ResponseCode, rowsOf(payouts)], [1, []])
})

test('sessions of other doors are links here once the account names this door, and another account’s are none', async () => {
  const make = () =>
    till.stripe.checkout.sessions.create({
      mode: 'payment',
      client_reference_id: 'native order',
      line_items: [{ price_data: { currency: 'eur', product_data: { name: 'Tea' }, unit_amount: 700 }, quantity: 1 }],
      success_url: 'https://shop.example/native',
    })
  await make()
  const unused = async () => rowsOf(await till.call('getMyUnusedLinks', { search: 'native order' }))
  assert.deepEqual(await unused(), [])
  await till.settings({ doors: ['secpaid', 'opencheckout'] })
  const session = await make()
  const [row] = await unused()
  assert.equal(row?.amount, '7.00')
  assert.equal((await fetch(String(row?.pay_link))).url, session.url)
  assert.equal(await payByForm(String(row?.pay_link)), 'https://shop.example/native')
  const [payIn] = await payIns({ pay_id: row?.linktopay_id })
  assert.deepEqual([payIn?.amount, payIn?.recipient_note], ['7.00', 'native order'])
})
