import { readDevKeys, readSettings } from './read-settings.ts'
import { startStore } from './store.ts'

const settings = readSettings(process.env, readDevKeys(process.env.OPENTILL_DATA_DIR ?? '.opentill'))
if (!settings.ok) {
  for (const fault of settings.faults) console.error(fault)
  process.exit(1)
}
const { options } = settings
const store = await startStore({ ...options, log: (message) => console.log(message) }).catch((error: Error) => {
  console.error(`The shop cannot listen on ${options.host}:${options.port}: ${error.message}`)
  return process.exit(1)
})
console.log(`Small Hours Books is open at ${store.url}; it takes events at ${store.url}/webhook`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void store.stop())
