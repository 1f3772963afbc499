import { createHmac, createSecretKey } from 'node:crypto'
import { type HttpClient, HttpError } from '../src/core/env.ts'
import type { Faults } from './faults.ts'
import { defer, type Life } from './wire.ts'
import { Violation, type World } from './world.ts'

/** A shop's endpoint: checks the signature as shops do, and remembers what it accepted. */
export type Receiver = {
  readonly url: string
  readonly secret: string
  /** By the event's name: the bytes of its first arrival, and how often it was accepted. */
  readonly got: ReadonlyMap<string, { readonly body: string; readonly times: number }>
  /** Names in the order of their first acceptance. */
  readonly order: readonly string[]
  clientFor(life: Life, faults: Faults): HttpClient
}

const TIMED_OUT_MS = 16_000
const STATUS = [
  ['endpoint_5xx', 503],
  ['endpoint_410', 410],
  ['endpoint_3xx', 302],
] as const

export function makeReceiver(world: World, url: string, secret: string): Receiver {
  const got = new Map<string, { body: string; times: number }>()
  const order: string[] = []
  const draw = world.random(`receiver ${url}`)
  const key = createSecretKey(secret.slice('whsec_'.length), 'base64')

  function take(headers: Readonly<Record<string, string>>, body: string): number {
    const name = headers['webhook-id'] ?? ''
    const signed = `${name}.${headers['webhook-timestamp'] ?? ''}.${body}`
    const right = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    if (headers['webhook-signature'] !== right) world.fail(new Violation('I-18', `a wrong signature for ${name}`))
    const before = got.get(name)
    if (before && before.body !== body)
      world.fail(new Violation('I-18', `${name} arrived with other bytes than before`))
    if (!before) order.push(name)
    else world.mark('event delivered twice')
    got.set(name, { body, times: (before?.times ?? 0) + 1 })
    return 200
  }

  return {
    url,
    secret,
    got,
    order,
    clientFor: (life, faults) => (request) =>
      new Promise((resolve, reject) => {
        const answer = (delayMs: number, run: () => void) => defer(world, life, delayMs, run)
        const timeOut = () => answer(request.timeoutMs, () => reject(new HttpError('the answer timed out', 'unknown')))
        const reply = (status: number) => resolve({ status, headers: {}, body: new Uint8Array() })
        const delayMs = faults.hits('endpoint_slow') ? draw.between(TIMED_OUT_MS, 60_000) : draw.between(5, 300)
        const body = typeof request.body === 'string' ? request.body : Buffer.from(request.body ?? []).toString()
        if (delayMs > request.timeoutMs) timeOut()
        world.after(delayMs, () => {
          const fault = STATUS.find(([kind]) => faults.hits(kind))
          const status = fault ? fault[1] : take(request.headers, body)
          world.note('shop', `event ${request.headers['webhook-id']} ${status}`)
          if (delayMs > request.timeoutMs) return
          if (status === 200 && faults.hits('endpoint_answer_lost')) return timeOut()
          answer(draw.between(5, 200), () => reply(status))
        })
      }),
  }
}
