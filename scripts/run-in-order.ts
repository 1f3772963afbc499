/**
 * Runs test files in the order given, each in a process of its own: `node --test` would sort them by name.
 * `node scripts/run-in-order.ts concurrency file …`
 */
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** No test waits for ever, and none is near this on a machine that has much else to do. */
const TIMEOUT_MS = 900_000

const [concurrency, ...files] = process.argv.slice(2)
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    process.exitCode = 1
    stopped.abort()
  })
}
const tests = run({ files, concurrency: Number(concurrency), timeout: TIMEOUT_MS, signal: stopped.signal })
tests.on('test:fail', () => {
  process.exitCode = 1
})
tests.compose(spec).pipe(process.stdout)
