import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { type Message, makeFrames, textAt } from './frames.ts'

/** What the driver sends as one: a statement with all that belongs to it, up to the message that asks for an answer. */
type Unit = { readonly bytes: readonly Buffer[]; readonly text: string; readonly answered: boolean }

/**
 * A way to the database through which one statement at a time passes, when it is told to. The code under test, its
 * driver included, knows nothing of it.
 */
export type Gate = {
  /** For `connect`. */
  readonly url: string
  /** From here on every statement waits; `false` lets all through again. */
  hold(holds: boolean): void
  /** The statement that waits to be let through, as text. */
  waiting(): string | undefined
  letThrough(): void
  /** Whether a statement is with the server, unanswered. */
  underWay(): boolean
  close(): Promise<void>
}

/** @param onChange hears that a statement came to wait, or was answered */
export async function openGate(databaseUrl: string, onChange: () => void): Promise<Gate> {
  const line = makeLine(onChange)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connectSocket(addressOf(databaseUrl))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    line.join(client, upstream)
  })
  await listen(server)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the gate has no port')
  const url = new URL(databaseUrl)
  url.searchParams.delete('host')
  url.hostname = '127.0.0.1'
  url.port = String(address.port)
  return {
    url: url.href,
    hold: line.hold,
    waiting: line.waiting,
    letThrough: line.letThrough,
    underWay: line.underWay,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

/** Where libpq would find the server of a URL: a Unix socket's folder or a host. */
function addressOf(databaseUrl: string): { path: string } | { host: string; port: number } {
  const url = new URL(databaseUrl)
  const port = Number(url.port || 5432)
  const folder = url.searchParams.get('host')
  return folder?.startsWith('/') ? { path: `${folder}/.s.PGSQL.${port}` } : { host: url.hostname, port }
}

/** Begin reads nothing and locks nothing: PostgreSQL takes a snapshot with the first statement after it. */
const FREE = /^begin\b/i

function makeLine(onChange: () => void) {
  const units: Unit[] = []
  let upstream: Socket | undefined
  let holds = false
  let started = false
  let answersDue = 0
  /** In a failed transaction nothing happens any more, so nothing has to wait. */
  let failed = false

  function send({ bytes, answered }: Unit): void {
    if (answered) answersDue += 1
    for (const piece of bytes) upstream?.write(piece)
  }

  const head = (): Unit | undefined => (answersDue === 0 ? units[0] : undefined)
  const isFree = (unit: Unit): boolean => !holds || failed || !unit.answered || FREE.test(unit.text)

  function flow(): void {
    for (let unit = head(); unit && isFree(unit); unit = head()) {
      units.shift()
      send(unit)
    }
    onChange()
  }

  return {
    join(client: Socket, server: Socket): void {
      upstream = server
      const cut = makeUnits()
      const fromClient = makeFrames(true)
      const fromServer = makeFrames(false)
      client.on('data', (chunk: Buffer) => {
        if (!started) server.write(chunk)
        else units.push(...cut(fromClient(chunk)))
        if (started) flow()
        else fromClient(chunk)
      })
      server.on('data', (chunk: Buffer) => {
        client.write(chunk)
        for (const { type, bytes } of fromServer(chunk)) {
          if (type !== 'Z') continue
          if (started) answersDue -= 1
          started = true
          failed = bytes[5] === 'E'.charCodeAt(0)
        }
        if (started) flow()
      })
    },
    hold(next: boolean): void {
      holds = next
      flow()
    },
    waiting: () => (holds ? head()?.text : undefined),
    letThrough(): void {
      const unit = head()
      if (!unit) throw new Error('nothing waits to be let through')
      units.shift()
      send(unit)
    },
    underWay: () => answersDue > 0,
  }
}

/** Sync and Query are answered with `ready`; after Flush the server only says what it has, after Terminate nothing. */
const ANSWERED = 'SQ'
const ENDS = 'SQHX'

/** Puts messages together until one asks for an answer (Sync, Query), or at least for what came so far (Flush). */
function makeUnits(): (messages: readonly Message[]) => readonly Unit[] {
  const names = new Map<string, string>()
  let bytes: Buffer[] = []
  let text = ''
  return (messages) => {
    const units: Unit[] = []
    for (const message of messages) {
      bytes.push(message.bytes)
      if (message.type === 'P') {
        const name = textAt(message, 5)
        text = textAt(message, 5 + Buffer.byteLength(name) + 1)
        names.set(name, text)
      } else if (message.type === 'B') {
        const portal = textAt(message, 5)
        text = names.get(textAt(message, 5 + Buffer.byteLength(portal) + 1)) ?? text
      } else if (message.type === 'Q') text = textAt(message, 5)
      if (!ENDS.includes(message.type)) continue
      units.push({ bytes, text: text.replace(/\s+/g, ' ').trim(), answered: ANSWERED.includes(message.type) })
      bytes = []
    }
    return units
  }
}
