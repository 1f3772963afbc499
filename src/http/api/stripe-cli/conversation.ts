import type { RawData, WebSocket } from 'ws'
import type { Env } from '../../../core/env.ts'

/** One message for a CLI, and the id by which it says that it has it. */
export type Message = { readonly id: string; readonly body: Readonly<Record<string, unknown>> }

/** A connected CLI. */
export type Conversation = {
  /** Aborted when the connection has ended. */
  readonly ended: AbortSignal
  /** Sends messages. @returns whether all of them were acknowledged; false ends the conversation */
  tell(messages: readonly Message[]): Promise<boolean>
  /** Whether the other side has said nothing for too long. It pings every two seconds. */
  isSilent(): boolean
  /** Says goodbye, and does not wait long for an answer. */
  close(code: number, reason: string): Promise<void>
}

/** A CLI acknowledges before it forwards, so this is the time of the network alone. */
const ACKNOWLEDGE_MS = 15_000
const SILENCE_MS = 30_000
const GOODBYE_MS = 500

/** @see the protocol `stripecli-devproxy-v1`, as version 1.52 of the CLI speaks it */
export function converse(env: Env, socket: WebSocket): Conversation {
  const ended = new AbortController()
  let heardAtMs = env.monotonicMs()
  let waiting: { readonly ids: Set<string>; readonly done: AbortController } | undefined

  const hear = () => {
    heardAtMs = env.monotonicMs()
  }
  socket.on('ping', hear)
  socket.on('pong', hear)
  socket.on('message', (data) => {
    hear()
    const id = acknowledgedBy(data)
    if (id === undefined || !waiting) return
    waiting.ids.delete(id)
    if (waiting.ids.size === 0) waiting.done.abort()
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => ended.abort())

  return {
    ended: ended.signal,
    isSilent: () => env.monotonicMs() - heardAtMs > SILENCE_MS,
    async tell(messages) {
      const ids = new Set(messages.map(({ id }) => id))
      if (ids.size === 0) return true
      const done = new AbortController()
      waiting = { ids, done }
      for (const { body } of messages) socket.send(JSON.stringify(body))
      await env.sleep(ACKNOWLEDGE_MS, AbortSignal.any([done.signal, ended.signal])).catch(() => undefined)
      waiting = undefined
      return ids.size === 0
    },
    async close(code, reason) {
      socket.close(code, reason)
      await env.sleep(GOODBYE_MS, ended.signal).catch(() => undefined)
      socket.terminate()
    },
  }
}

/**
 * The event that a message acknowledges. What else the CLI tells, an answer of the shop's with its headers and body, is
 * nobody's business here.
 */
function acknowledgedBy(data: RawData): string | undefined {
  try {
    const message: unknown = JSON.parse(String(data))
    if (typeof message !== 'object' || message === null || !('type' in message)) return undefined
    if (message.type !== 'event_ack' || !('event_id' in message)) return undefined
    return typeof message.event_id === 'string' ? message.event_id : undefined
  } catch {
    return undefined
  }
}
