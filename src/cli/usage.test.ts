import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wordsOf } from './command.ts'
import { COMMANDS, NOUNS } from './commands.ts'
import { type Io, runCli } from './run.ts'

/** Nothing in this file may need a database: a fault of the command line is found before one is opened. */
async function run(args: readonly string[], io: Partial<Io> = {}) {
  let [out, err] = ['', '']
  const streams: Io = {
    write: (text) => {
      out += text
    },
    writeError: (text) => {
      err += text
    },
    isTty: false,
    color: false,
    ...io,
  }
  const code = await runCli(args, streams, () => Promise.reject(new Error('the database was opened')))
  return { code, out, err }
}

const FAULTS: readonly (readonly [args: readonly string[], err: string])[] = [
  [[], 'A command is missing.\nSee opentill help.\n'],
  [['frobnicate'], 'There is no command "frobnicate".\nSee opentill help.\n'],
  [['kyes', 'list'], 'There is no command "kyes list". Did you mean keys list?\nSee opentill help.\n'],
  [['account'], 'There is no command "account". Did you mean accounts?\nSee opentill help.\n'],
  [['keys'], 'keys needs a verb. It is one of create, list, revoke.\nSee opentill keys --help.\n'],
  [['keys', '--json'], 'keys needs a verb. It is one of create, list, revoke.\nSee opentill keys --help.\n'],
  [['keys', 'lsit'], 'There is no command "keys lsit". Did you mean keys list?\nSee opentill keys --help.\n'],
  [['keys', 'ls'], 'There is no command "keys ls". It is one of create, list, revoke.\nSee opentill keys --help.\n'],
  [['--json', 'keys', 'list'], '"--json" is no command; options come after it.\nSee opentill help.\n'],
  [['help', 'keys', 'lst'], 'There is no command "keys lst". Did you mean keys list?\nSee opentill keys --help.\n'],
  [
    ['accounts', 'list', '--jsno'],
    'There is no option "--jsno" here. Did you mean --json?\nSee opentill accounts list --help.\n',
  ],
  [['accounts', 'list', '-x'], 'There is no option "-x" here.\nSee opentill accounts list --help.\n'],
  [['accounts', 'list', 'all'], '"all" is too much here.\nSee opentill accounts list --help.\n'],
  [
    ['accounts', 'create'],
    "--name is missing: the merchant's name, up to 100 characters.\nSee opentill accounts create --help.\n",
  ],
  [
    ['accounts', 'create', '--name', '--json'],
    '--name needs a value; one that begins with a dash is written --name=….\nSee opentill accounts create --help.\n',
  ],
  [['accounts', 'create', '--name', ''], '--name must not be empty.\n'],
  [
    ['accounts', 'create', '--name', `\u202eshop`],
    '--name must not contain characters that change the direction of text.\n',
  ],
  [['verify', 'all'], '"all" is too much here.\nSee opentill verify --help.\n'],
  [
    ['verify', '--nobank'],
    'There is no option "--nobank" here. Did you mean --no-bank?\nSee opentill verify --help.\n',
  ],
  [['vreify'], 'There is no command "vreify". Did you mean verify?\nSee opentill help.\n'],
  [['endpoints', 'roll-secret'], '<endpoint id> is missing.\nSee opentill endpoints roll-secret --help.\n'],
  [
    ['endpoints', 'roll-secret', 'we_x', '--expires-in', '604801'],
    '--expires-in must be whole seconds from 0 to 604800, which are 7 days.\n',
  ],
  [
    ['endpoints', 'resend', 'we_x', '--from', 'yesterday'],
    '--from and --before take a date in UTC, such as 2026-11-21 or 2026-11-21T06:00Z.\n',
  ],
  [['keys', 'create', '--live=yes'], '--live takes no value.\nSee opentill keys create --help.\n'],
  [
    ['keys', 'create', '--name', 'a', '--name=b', '--live=no'],
    '--name is given twice.\n--live takes no value.\nSee opentill keys create --help.\n',
  ],
  [['keys', 'create', '--name', 'x'.repeat(101)], '--name must be at most 100 characters.\n'],
  [['keys', 'create', '--door', 'bcp'], 'There is no door "bcp". Did you mean bpc?\n'],
  [
    ['keys', 'create', '--door', 'window'],
    'There is no door "window". The doors are native, opencheckout, ozura, bpc, hsrc, secpaid.\n',
  ],
  [['keys', 'revoke'], '<key id> is missing.\nSee opentill keys revoke --help.\n'],
  [['keys', 'revoke', 'key_a', 'key_b'], '"key_b" is too much here.\nSee opentill keys revoke --help.\n'],
  [
    ['keys', 'revoke', 'sk_live_0123456789abcdefghijklmnop'],
    'That is a key itself. Name it by its id, key_…, which opentill keys list shows beside its end.\n',
  ],
  [['settings', 'get', 'terms'], '"terms" is no setting of an account.\n'],
  [['settings', 'get', 'term_url'], '"term_url" is no setting of an account; did you mean terms_url?\n'],
  [['settings', 'set'], '<name=value>… is missing.\nSee opentill settings set --help.\n'],
  [
    [
      ...['settings', 'set', 'terms_url=x', 'displayname=Shop', 'plain', '=x', 'support_email=a', 'support_email=b'],
      'return_url_origins=https://shop.example,https://shop.example/cart',
    ],
    'Nothing was changed.\n' +
      '  "plain" is no assignment; write name=value, or name= to unset.\n' +
      '  "=x" is no assignment; write name=value, or name= to unset.\n' +
      '  support_email is given twice.\n' +
      '  terms_url must be an absolute URL, such as https://shop.example/done.\n' +
      '  "displayname" is no setting of an account; did you mean display_name?\n' +
      '  support_email must be an email address, such as help@shop.example.\n' +
      '  return_url_origins[1] must be scheme, host and port only, such as https://shop.example.\n',
  ],
]
for (const [args, err] of FAULTS) {
  test(`a fault: opentill ${args.join(' ').slice(0, 60)}`, async () => {
    assert.deepEqual(await run(args), { code: 2, out: '', err })
  })
}

test('a fault repeats no whole key, no card number and no control character', async () => {
  const secret = `sk_live_${'a1B2'.repeat(12)}`
  for (const args of [
    [secret],
    ['keys', secret],
    ['accounts', 'list', secret],
    ['settings', 'get', secret],
    ['accounts', 'list', '4242424242424242'],
    ['settings', 'set', 'card 4242424242424242=x'],
    ['accounts', 'list', '--\u001b[31mred'],
  ]) {
    const { code, err } = await run(args)
    assert.equal(code, 2)
    assert.ok(!err.includes(secret) && !err.includes('4242424242424242') && !err.includes('\u001b'), err)
  }
})

for (const command of COMMANDS) {
  const { about, options, examples } = command
  const words = wordsOf(command).split(' ')
  test(`${wordsOf(command)} explains itself, with every option and two examples`, async () => {
    const asked = await run([...words, '--help'])
    assert.deepEqual([asked.code, asked.err], [0, ''])
    for (const args of [
      [...words, '-h'],
      ['help', ...words],
      ['--help', ...words],
    ]) {
      assert.deepEqual(await run(args), asked)
    }
    assert.ok(asked.out.startsWith(`${about}\n`))
    for (const name of [...Object.keys(options), 'json', 'help']) assert.ok(asked.out.includes(`  --${name} `), name)
    assert.equal(new Set(examples).size, 2)
    for (const example of examples) assert.ok(asked.out.includes(`  opentill ${wordsOf(command)} ${example}`.trimEnd()))
  })
}

for (const noun of new Set(COMMANDS.filter(({ verb }) => verb !== '').map((command) => command.noun))) {
  test(`${noun} lists its verbs`, async () => {
    const asked = await run([noun, '--help'])
    assert.equal(asked.code, 0)
    assert.deepEqual(await run(['help', noun]), asked)
    for (const { verb } of COMMANDS.filter((command) => command.noun === noun)) {
      assert.match(asked.out, new RegExp(`^  ${noun} ${verb} +\\w`, 'm'))
    }
  })
}

test('help lists every command, the same however it is asked for', async () => {
  const asked = await run(['help'])
  assert.deepEqual([asked.code, asked.err], [0, ''])
  for (const args of [['--help'], ['-h'], ['help', '--help']]) assert.deepEqual(await run(args), asked)
  for (const command of COMMANDS) assert.match(asked.out, new RegExp(`^  ${wordsOf(command)} +\\w`, 'm'))
  for (const about of Object.values(NOUNS)) assert.ok(asked.out.includes(about))
})

test('help is colored only where a terminal wants it', async () => {
  const plain = await run(['help'])
  assert.ok(!plain.out.includes('\u001b'))
  assert.deepEqual(await run(['help'], { isTty: true }), plain)
  assert.deepEqual(await run(['help'], { color: true }), plain)
  assert.ok((await run(['help'], { isTty: true, color: true })).out.includes('\u001b[1mkeys'))
})
