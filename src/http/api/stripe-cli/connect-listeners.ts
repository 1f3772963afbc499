import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { WebSocketServer } from 'ws'
import type { Tenant } from '../../../core/ids.ts'
import { type Listener, MOST_LISTENERS } from '../../../core/listener.ts'
import { findListener } from '../../../flows/listeners/listen.ts'
import { errorFields } from '../../log.ts'
import { UPGRADE_PATH } from '../../server.ts'
import type { ApiDeps } from '../api.ts'
import { type Conversation, converse } from './conversation.ts'
import { hearEvents } from './hear-events.ts'
import { hearLines } from './hear-lines.ts'

const PROTOCOL = 'stripecli-devproxy-v1'
/** Of one process. */
const MOST_CONNECTIONS = 200
/** A device that connects again may not have noticed yet that its last connection is gone. */
const MOST_OF_ONE_TENANT = 2 * MOST_LISTENERS
const TOO_MANY = 'Too many connections. Try again.'
/** What a CLI tells of a shop's answer: the event it forwarded, and 5,000 bytes of what came back. */
const LONGEST_MESSAGE = 512 * 1024
/** RFC 6455, section 7.4.1: try again, here or elsewhere. */
const SERVICE_RESTART = 1012

/**
 * The WebSocket that a listening CLI connects to. Its id is its credential; it comes in a header, so it is in no log.
 * @see https://github.com/stripe/stripe-cli, whose `pkg/websocket` is the other side
 */
export function connectListeners(app: FastifyInstance, deps: ApiDeps): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LONGEST_MESSAGE,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  })
  const open = new Map<Conversation, { readonly tenant: Tenant; readonly held: Promise<void> }>()
  let closing = false

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    void admit(request).then(
      (listener) => {
        if (typeof listener === 'string') return refuse(socket, listener)
        // The server may have begun to stop while the listener was looked for.
        if (closing) return refuse(socket, 'Restarting. Try again.')
        // Others may have come in meanwhile as well.
        if (isFull(listener.tenant)) return refuse(socket, TOO_MANY)
        server.handleUpgrade(request, socket, head, (webSocket) => {
          const talk = converse(deps.env, webSocket)
          const held = hold(listener, talk).finally(() => open.delete(talk))
          open.set(talk, { tenant: listener.tenant, held })
        })
      },
      (error: unknown) => {
        deps.log.error(errorFields(error), 'a listener could not be let in')
        refuse(socket, 'Try again.')
      },
    )
  })

  /** @returns the listener, or why not, in words; those of an id that is unknown are what the CLI begins anew on */
  async function admit({ url, headers }: IncomingMessage): Promise<Listener | string> {
    if (url?.split('?', 1)[0] !== UPGRADE_PATH) return 'Nothing is upgraded here.'
    if (closing || open.size >= MOST_CONNECTIONS) return TOO_MANY
    const id = headers['websocket-id']
    const listener = typeof id === 'string' ? await findListener(deps, id) : undefined
    return listener ?? 'Unknown WebSocket ID.'
  }

  /** One account leaves room to the others: an id opens any number of connections. */
  function isFull(tenant: Tenant): boolean {
    if (open.size >= MOST_CONNECTIONS) return true
    return [...open.values()].filter((one) => one.tenant === tenant).length >= MOST_OF_ONE_TENANT
  }

  async function hold(listener: Listener, talk: Conversation): Promise<void> {
    const hear = listener.feature === 'webhooks' ? hearEvents : hearLines
    try {
      await talk.close(1000, await hear(deps, listener, talk))
    } catch (error) {
      deps.log.error(errorFields(error), 'a listener was left alone')
      await talk.close(1011, 'internal error')
    }
  }

  app.addHook('preClose', async () => {
    closing = true
    await Promise.all([...open.keys()].map((talk) => talk.close(SERVICE_RESTART, 'restarting')))
    await Promise.all([...open.values()].map(({ held }) => held))
  })
}

function refuse(socket: Duplex, message: string): void {
  const body = JSON.stringify({ error: { type: 'invalid_request_error', message } })
  socket.end(
    'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
