import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSource, ROOT, readSources, type Source } from './support/source.ts'

/** The house's one-way doors (design, section 3). What begins in no room here is a neighbor of `main`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  storage: ['core'],
  vault: ['core'],
  connectors: ['core'],
  events: ['core'],
  flows: ['core', 'storage', 'vault', 'connectors', 'events'],
  http: ['core', 'flows'],
  checkout: ['core', 'flows'],
  dashboard: ['core', 'flows'],
  cli: ['core', 'flows'],
  'sandbox-bank': [],
}
/** The shape of a row may be known upstairs; what is done with rows is done by the flows. */
const MAY_SEE_TYPES_OF: Readonly<Record<string, readonly string[]>> = {
  http: ['storage'],
  checkout: ['storage'],
  dashboard: ['storage'],
  cli: ['storage'],
}
/** Where everything is wired: they see every room. */
const COMPOSITION_ROOTS = ['src/main.ts', 'src/cli/main.ts']
/** Code that runs in the shopper's browser has the browser's clock and timers. */
const IN_THE_BROWSER = /^src\/(checkout|dashboard)\/client\//

/** Only a run from the sources needs these: a release is bundled. */
const IN_THE_SOURCES_ONLY = ['esbuild']

type Ban = {
  readonly what: string
  readonly pattern: RegExp
  /** The files that may: they bring the real thing to everyone else. */
  readonly except: readonly string[]
  readonly sample: string
}

const BANS: readonly Ban[] = [
  {
    what: 'a clock',
    pattern:
      /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b|Temporal\.Now/,
    except: ['src/main.ts', 'src/env.ts'],
    sample: 'const at = new Date()',
  },
  {
    what: 'randomness',
    pattern:
      /\bMath\.random\b|\bcrypto\.(random|getRandom|generate)|\bwebcrypto\b|import\s*\{[^}]*\b(random\w+|getRandomValues|generateKey\w*)\b[^}]*\}\s*from 'node:crypto'/,
    except: ['src/main.ts', 'src/env.ts'],
    sample: "import { createHash, randomBytes } from 'node:crypto'",
  },
  {
    what: 'a timer',
    pattern: /(?<![.\w])set(Timeout|Interval|Immediate)\s*\(|'(node:)?timers(\/promises)?'|\bAbortSignal\.timeout\b/,
    except: ['src/main.ts', 'src/env.ts'],
    sample: 'setTimeout(() => {}, 5)',
  },
  {
    what: 'an outgoing request',
    pattern:
      /(?<![.\w])fetch\s*\(|\bhttps?\.(request|get)\b|\{[^}]*\b(request|get)\b[^}]*\} from 'node:http'|from '(undici|node:https|node:http2|node:tls|node:dgram)'/,
    except: ['src/main.ts', 'src/events/egress.ts', 'src/events/exchange.ts', 'src/events/open-socket.ts'],
    sample: 'await fetch(url)',
  },
  {
    what: 'a process',
    pattern: /'(node:)?(child_process|cluster|worker_threads)'/,
    except: globSync('src/storage/embedded/*.ts', { cwd: ROOT }),
    sample: "import { spawn } from 'node:child_process'",
  },
  {
    what: 'the environment',
    pattern: /\bprocess\.env\b/,
    // The samples of the API's page are programs of somebody else.
    except: [...COMPOSITION_ROOTS, 'src/http/api/samples-page.ts'],
    sample: 'process.env.OPENTILL_PORT',
  },
  {
    what: 'a clock or an id of SQL',
    pattern: /\b(clock_timestamp|statement_timestamp|transaction_timestamp|current_timestamp|gen_random_uuid|uuidv7)\b/,
    except: ['src/storage/connect.ts'],
    sample: 'select clock_timestamp()',
  },
  {
    what: 'a silenced check',
    pattern: /@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/,
    except: [],
    sample: "const rule = 'biome-ignore'",
  },
]

const sources = readSources()

test('there is a house to read', () => assert.ok(sources.length > 20))

for (const source of sources) test(`${source.path} imports downwards`, () => assert.deepEqual(wrongDoors(source), []))

test('an upward, a sideways and a neighborly import are each found', () => {
  const code =
    "import { a } from '../flows/a.ts'\nimport type { b } from '../vault/b.ts'\nexport { c } from '../secrets.ts'"
  const found = ['src/vault/b.ts', 'src/flows/a.ts', 'src/secrets.ts']
  assert.deepEqual(wrongDoors(parseSource('src/storage/x.ts', `${code}\nimport '../core/d.ts'`)), found)
})

test('a room upstairs may see the type of a row, and no more', () => {
  const code = "import { type a, b } from '../storage/b.ts'\nimport type { c } from '../storage/c.ts'"
  assert.deepEqual(wrongDoors(parseSource('src/checkout/x.ts', code)), ['src/storage/b.ts'])
})

for (const { what, pattern, except, sample } of BANS) {
  test(`nobody in src reaches for ${what} past env`, () => {
    const offenders = sources.filter(({ path, code }) => !except.includes(path) && pattern.test(code))
    const checked = offenders.filter(({ path }) => !IN_THE_BROWSER.test(path)).map(({ path }) => path)
    assert.deepEqual(checked, [])
  })
  test(`reaching for ${what} is found`, () => assert.match(parseSource('src/core/x.ts', sample).code, pattern))
}

test('migrations read no clock and make no ids', () => {
  const clocks =
    /\b(now\(\)|current_(timestamp|date|time)\b|localtime|clock_timestamp|gen_random_uuid|uuidv7|random\(\))/i
  const offenders = globSync('src/**/*.sql', { cwd: ROOT }).filter((path) =>
    clocks.test(readFileSync(join(ROOT, path), 'utf8').replaceAll(/--[^\n]*/g, '')),
  )
  assert.deepEqual(offenders, [])
})

test('packages that ship are dependencies, not development’s', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const packages = sources.flatMap(({ path, imports }) =>
    imports
      .filter((name) => !/^(src|sdk|examples)\/|^node:/.test(name) && !IN_THE_SOURCES_ONLY.includes(name))
      .filter((name) => !(name.split('/', name.startsWith('@') ? 2 : 1).join('/') in dependencies))
      .map((name) => `${path}: ${name}`),
  )
  assert.deepEqual(packages, [])
})

test('no room is named for having no name', () => {
  const nameless = globSync('{src,test,sdk,examples}/**/{utils,helpers,common,misc,shared}{,.ts}', { cwd: ROOT })
  assert.deepEqual(nameless, [])
})

/** @returns the imports of files of ours that this file's room has no door to */
function wrongDoors({ path, imports, typeImports }: Source): readonly string[] {
  if (COMPOSITION_ROOTS.includes(path)) return []
  const room = roomOf(path)
  return imports.filter((other) => {
    if (!/\.(ts|json|css|html)$/.test(other)) return false
    const otherRoom = roomOf(other)
    if (room === undefined) return COMPOSITION_ROOTS.includes(other)
    if (otherRoom === undefined) return true
    if (typeImports.includes(other) && MAY_SEE_TYPES_OF[room]?.includes(otherRoom)) return false
    return otherRoom !== room && !MAY_IMPORT[room]?.includes(otherRoom)
  })
}

function roomOf(path: string): string | undefined {
  const [top, room, below] = path.split('/')
  return top === 'src' && below !== undefined ? room : undefined
}
