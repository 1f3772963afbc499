import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testCommandLine, withoutIds } from '../../test/support/command-line.ts'
import { newApiKey, parseApiKey } from '../core/api-key.ts'
import { isLive, newUuid, otherMode, parseName, type Tenant } from '../core/ids.ts'
import { SETTING_NAMES } from '../core/settings-rules.ts'
import type { Context } from '../flows/call.ts'
import { changeSettings } from '../flows/change-settings.ts'

const till = await testCommandLine(import.meta.url)
after(till.drop)
const { run, context } = till

async function json(line: string) {
  const { code, out, err } = await run(`${line} --json`)
  assert.deepEqual([code, err], [0, ''], line)
  return JSON.parse(out)
}

function findByText(text: string) {
  const parsed = parseApiKey(text)
  assert.ok(parsed, 'a key is spelled with its checksum')
  return context.storage.findKey(parsed.tenant, parsed.hash)
}

/** A table without its padding, its rows in the order of the alphabet: keys made in one moment have none. */
function rowsOf(table: string): readonly string[] {
  const [head = '', ...rows] = withoutIds(table).trimEnd().split('\n')
  return [head, ...rows.sort()].map((row) => row.replace(/ {2,}/g, ' | '))
}

/** The first account, while it is the only one: made before the tests, which go from one account to several. */
let account = ''
let tenant = 0 as Tenant

before(async () => {
  assert.deepEqual(await run('accounts list'), { code: 0, out: 'ID  CREATED  NAME\n', err: '' })
  assert.deepEqual(await json('accounts list'), [])
  const advice = 'There is no account yet. Make one with: opentill accounts create --name "Book shop"\n'
  assert.deepEqual(await run('keys list'), { code: 4, out: '', err: advice })

  const made = await run('accounts create --name "Book shop"')
  const expected = `Opened account acct_… (Book shop).

  Secret key, test mode       sk_test_…
  Publishable key, test mode  pk_test_…

The secret key is not shown again: keep it now, where only your server reads it.
`
  assert.deepEqual({ ...made, out: withoutIds(made.out) }, { code: 0, out: expected, err: '' })
  account = /acct_\w+/.exec(made.out)?.[0] ?? ''
  tenant = parseName('account', account)?.tenant ?? tenant
  const rows = await Promise.all((made.out.match(/[sp]k_test_\w+/g) ?? []).map(findByText))
  assert.deepEqual(
    rows.map((row) => [row?.tenant, row?.kind, row?.revokedAt]),
    [
      [otherMode(tenant), 'secret', null],
      [otherMode(tenant), 'publishable', null],
    ],
  )
})

test('an account is listed as a table and as JSON', async () => {
  const table = `ID                                CREATED            NAME\n${account}  2026-01-02 03:08Z  Book shop\n`
  assert.equal((await run('accounts list')).out, table)
  assert.deepEqual(await json('accounts list'), [{ id: account, name: 'Book shop', created: 1767323285 }])
})

test('keys of both modes are made, and listed without their secrets', async () => {
  const made = await json('keys create --live --name "Order service"')
  const { id, key, hint, created, ...rest } = made
  assert.deepEqual(rest, { mode: 'live', kind: 'secret', door: 'native', name: 'Order service', revoked: null })
  const row = await findByText(key)
  assert.ok(row && isLive(row.tenant) && row.tenant === tenant)

  const shown = await run(`keys create --live --publishable --door native --account ${account}`)
  const expected = `Made key key_… of Book shop.

  Publishable key, live mode  pk_live_…

This is a live key: real money moves with it.
`
  assert.equal(withoutIds(shown.out), expected)

  const listed = await run('keys list')
  assert.deepEqual(rowsOf(listed.out), [
    'ID | MODE | KIND | KEY | DOOR | CREATED | REVOKED | NAME',
    'key_… | live | publishable | pk_live_**** | native | 2026-01-02 03:12Z | -',
    'key_… | live | secret | sk_live_**** | native | 2026-01-02 03:11Z | - | Order service',
    'key_… | test | publishable | pk_test_**** | native | 2026-01-02 03:08Z | -',
    'key_… | test | secret | sk_test_**** | native | 2026-01-02 03:08Z | -',
  ])
  const keys: readonly { readonly id: string }[] = await json('keys list')
  assert.equal(keys.length, 4)
  assert.deepEqual(
    keys.find((one) => one.id === id),
    { id, hint, created, ...rest },
  )
  assert.doesNotMatch(listed.out + JSON.stringify(keys), /[sp]k_(live|test)_\w{10}/)
})

test('live keys and headings stand out on a terminal that has colors', async () => {
  const { out } = await run('keys list', { isTty: true, color: true })
  assert.ok(out.includes('\u001b[1m\u001b[33mlive'))
  assert.ok(out.includes('\u001b[1mMODE'))
  assert.ok(!(await run('keys list', { isTty: true })).out.includes('\u001b'))
})

test('a revoked key opens nothing, stays in the list, and is revoked once', async () => {
  const { id, key, ...made } = await json('keys create')
  const { code, out } = await run(`keys revoke ${id}`)
  assert.deepEqual(
    [code, withoutIds(out)],
    [0, 'Revoked the test secret key key_… (sk_test_****). Servers refuse it within five seconds.\n'],
  )
  const revokedAt = (await findByText(key))?.revokedAt
  assert.ok(revokedAt)
  const again = await json(`keys revoke ${id} --account ${account}`)
  assert.deepEqual(again, { id, ...made, revoked: Math.floor(revokedAt.getTime() / 1000) })
  assert.match((await run(`keys revoke ${id}`)).out, /was revoked before, at 2026-01-02 03:\d\dZ\.\n$/)
  assert.match((await run('keys list')).out, new RegExp(`^${id} .*Z  2026-01-02 03:\\d\\dZ$`, 'm'))
})

test('settings are set, shown, read one by one and unset', async () => {
  const set = await run(
    'settings set display_name="Books & more" return_url_origins=https://A.example,https://b.example',
  )
  const changed = `Changed the test settings of acct_… (Book shop).

NAME                VALUE
display_name        Books & more
return_url_origins  https://a.example, https://b.example
`
  assert.deepEqual([set.code, withoutIds(set.out)], [0, changed])
  assert.equal((await run('settings get display_name')).out, 'Books & more\n')
  assert.equal((await run('settings get return_url_origins')).out, 'https://a.example\nhttps://b.example\n')
  assert.deepEqual(await json('settings get return_url_origins'), ['https://a.example', 'https://b.example'])
  assert.deepEqual((await context.storage.findAccount(tenant))?.settings, {
    live: {},
    test: { displayName: 'Books & more', returnUrlOrigins: ['https://a.example', 'https://b.example'] },
  })

  const repeated =
    'settings set return_url_origins=https://c.example return_url_origins=https://d.example display_name='
  const settings = await json(repeated)
  assert.deepEqual(Object.keys(settings), SETTING_NAMES)
  assert.deepEqual(settings.return_url_origins, ['https://c.example', 'https://d.example'])
  assert.equal(settings.display_name, null)
  assert.deepEqual(await run('settings get display_name'), { code: 0, out: '', err: '' })
  assert.equal(await json('settings get display_name'), null)
  assert.deepEqual(await json('settings get'), settings)
  const [head, table = ''] = (await run('settings get')).out.split('\n\n')
  assert.equal(head, `The test settings of ${account} (Book shop):`)
  const shown = rowsOf(table)
  assert.equal(shown.length, 1 + SETTING_NAMES.length)
  assert.ok(shown.includes('return_url_origins | https://c.example, https://d.example'))
  assert.ok(shown.includes('display_name | -'))
  await run('settings set return_url_origins=')
})

test('live mode has settings of its own, which take no address on this machine', async () => {
  const before = await json('settings get')
  const set = await run('settings set --live display_name="Real books" default_cancel_url=https://shop.example/cart')
  assert.match(set.out, /^Changed the live settings of acct_\w+ \(Book shop\)\.\n\nNAME/)
  assert.equal((await run('settings get --live display_name')).out, 'Real books\n')
  assert.match((await run('settings get --live')).out, /^The live settings of acct_\w+ \(Book shop\):\n\nNAME/)
  assert.deepEqual(await json('settings get'), before)
  assert.equal((await run('settings set default_cancel_url=http://localhost:4242/cart')).code, 0)
  const refused = await run('settings set --live default_cancel_url=http://localhost:4242/cart')
  assert.equal(refused.code, 2)
  assert.match(refused.err, /^Nothing was changed\.\n {2}default_cancel_url must begin with https:/)
  assert.equal((await json('settings get --live')).default_cancel_url, 'https://shop.example/cart')
  await run('settings set default_cancel_url=')
})

test('a setting that contradicts another is refused, and nothing is changed', async () => {
  await run('settings set return_url_origins=https://shop.example')
  const before = await json('settings get')
  const { code, err } = await run('settings set display_name=Other default_success_url=https://other.example/thanks')
  const expected = "Nothing was changed.\n  default_success_url must be on one of the account's allowed origins.\n"
  assert.deepEqual([code, err], [2, expected])
  assert.deepEqual(await json('settings get'), before)
  await run('settings set return_url_origins=')
})

test('two who change different settings at the same time both succeed', async () => {
  const lines = ['display_name=Both', 'support_email=both@shop.example', 'terms_url=https://shop.example/terms']
  const ran = await Promise.all(lines.map((line) => run(`settings set ${line}`)))
  assert.deepEqual(
    ran.map(({ code }) => code),
    [0, 0, 0],
  )
  const settings = await json('settings get')
  assert.deepEqual(
    lines.map((line) => line.split('=')),
    ['display_name', 'support_email', 'terms_url'].map((name) => [name, settings[name]]),
  )
})

test('who always loses the race for an account is told so', async () => {
  /** Another command changes the account between each load and its commit. */
  const raced: Context = {
    ...context,
    storage: {
      ...context.storage,
      async findAccount(of) {
        const found = await context.storage.findAccount(of)
        if (found) await context.storage.commit({ accounts: [{ ...found, version: found.version + 1 }] })
        return found
      },
    },
  }
  assert.deepEqual(await changeSettings(raced, tenant, { displayName: 'Lost' }), { ok: false, because: 'stale' })
  assert.notEqual((await context.storage.findAccount(tenant))?.settings.live.displayName, 'Lost')
})

test('what is not there is not found', async () => {
  const other = await testAccount('Other shop')
  const foreign = await json(`keys create --account ${other}`)
  const missing = account.slice(0, -1) + (account.endsWith('0') ? '1' : '0')
  for (const [line, err] of [
    [`keys revoke key_x --account ${account}`, 'Book shop has no key "key_x". opentill keys list shows all.\n'],
    [
      `keys revoke ${foreign.id} --account ${account}`,
      `Book shop has no key "${foreign.id}". opentill keys list shows all.\n`,
    ],
    [`keys list --account ${missing}`, `There is no account "${missing}". opentill accounts list shows all.\n`],
    ['settings get --account 7', 'There is no account "7". opentill accounts list shows all.\n'],
  ] as const) {
    assert.deepEqual(await run(line), { code: 4, out: '', err })
  }
  assert.equal((await findByText(foreign.key))?.revokedAt, null)
})

test('an account has at most 500 good keys, and each of them is listed whatever was revoked before', async () => {
  const shop = await testAccount('Key shop')
  const live = parseName('account', shop)?.tenant
  assert.ok(live)
  const revoked = { version: 2, revokedAt: context.env.now() }
  const rows = Array.from({ length: 1498 }, (_, index) => {
    const { hash, hint } = newApiKey(context.env, live, 'secret')
    const row = { tenant: live, id: newUuid(context.env), kind: 'secret', door: 'native', name: `${index}` } as const
    const state = index < 1000 ? revoked : { version: 1, revokedAt: null }
    return { ...row, hash, hint, createdAt: context.env.now(), ...state }
  })
  for (let at = 0; at < rows.length; at += 100) {
    const some = rows.slice(at, at + 100)
    const made = some.map((row) => ({ ...row, version: 1, revokedAt: null }))
    assert.ok((await context.storage.commit({ apiKeys: made })).ok)
    const over = some.filter((row) => row.revokedAt !== null)
    if (over.length > 0) assert.ok((await context.storage.commit({ apiKeys: over })).ok)
  }
  const listed: readonly { readonly id: string; readonly revoked: number | null }[] = await json(
    `keys list --account ${shop}`,
  )
  assert.equal(listed.length, 1000)
  const good = listed.filter((key) => key.revoked === null)
  assert.equal(good.length, 500)
  const line = `keys create --account ${shop}`
  const refused = { code: 1, out: '', err: 'Key shop has 500 keys that are not revoked. Revoke one first.\n' }
  assert.deepEqual(await run(line), refused)
  assert.deepEqual(await run(`${line} --live`), refused)
  assert.equal((await run(`keys revoke ${good[0]?.id} --account ${shop}`)).code, 0)
  assert.equal((await run(line)).code, 0)
})

test('of several accounts one must be named', async () => {
  await testAccount('Third shop')
  const expected = 'There are several accounts. Name one with --account; opentill accounts list shows them.\n'
  for (const line of ['keys create', 'keys list', 'keys revoke key_x', 'settings get', 'settings set display_name=x']) {
    assert.deepEqual(await run(line), { code: 2, out: '', err: expected }, line)
  }
  const keys: readonly unknown[] = await json(`keys list --account ${await testAccount('Fourth shop')}`)
  assert.equal(keys.length, 2)
})

test('whatever was opened is closed', () => {
  const [opened, closed] = till.opened()
  assert.ok(opened > 0)
  assert.equal(closed, opened)
})

async function testAccount(name: string): Promise<string> {
  return (await json(`accounts create --name "${name}"`)).id
}

test('verify finds nothing in a new installation, and says what the bank did not', async () => {
  assert.equal((await run('verify --no-bank')).out, 'Checked 0 payments in 0.0 s: no differences.\n')
  const { seconds: _, ...rest } = await json('verify --no-bank')
  assert.deepEqual(rest, { payments: 0, charges: 0, undecided: 0, differences: 0, findings: [] })
  const advice =
    'The sandbox bank does not answer: start Opentill, which runs it, or leave its books out with --no-bank.\n'
  assert.deepEqual(await run('verify'), { code: 1, out: '', err: advice })
  assert.equal((await run('verify --account acct_1 --no-bank')).code, 4)
})

test('a difference is told on stdout, with 1 as the exit code', async () => {
  await till.sql`update tenants set last_number = last_number + 7 where tenant = ${tenant}`
  const table = /^OBJECT +EXPECTED +FOUND +BUT ALWAYS\nevent number 7 of tenant \d+ +7 +0 +the numbers of events /
  const { code, out, err } = await run('verify --no-bank', { isTty: true })
  assert.match(out, table)
  assert.match(out, /Checked 0 payments in 0\.0 s: 1 difference\.\n$/)
  assert.match(err, /Checked 0 of 0 payments\./)
  const told = JSON.parse((await run('verify --no-bank --json')).out)
  assert.deepEqual([code, told.differences, told.findings[0].invariant], [1, 1, 'events_numbered'])
  await till.sql`update tenants set last_number = last_number - 7 where tenant = ${tenant}`
})

test('a secret among the settings rests sealed, and is shown to nobody', async () => {
  const secret = 'Wm3xT9pLr7QeYv2Kc8Nd5Ua1Zj6Hf4Sb'
  const account = (await json('accounts list')).at(-1).id
  const set = await run(`settings set secpaid_encryption_key=${secret} secpaid_encryption=yes --account ${account}`)
  assert.deepEqual([set.code, set.err], [0, ''])
  assert.match(set.out, /secpaid_encryption_key +\*{8}/)
  assert.equal((await run(`settings get secpaid_encryption_key --account ${account}`)).out, '********\n')
  const [stored] = await till.sql`
    select settings->'test'->>'secpaidEncryptionKey' as key, settings::text like ${`%${secret}%`} as clear
    from accounts where settings->'test' ? 'secpaidEncryptionKey'`
  assert.ok(stored?.key.length > secret.length)
  assert.equal(stored?.clear, false)
  const unset = await run(`settings set secpaid_encryption_key= --account ${account}`)
  assert.match(unset.err, /secpaid_encryption needs a secpaid_encryption_key/)
})
