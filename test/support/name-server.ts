import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

export type NameServer = {
  /** `address:port`. */
  readonly address: string
  /** The questions so far, `A shop.example`, repetitions included. */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA' }
const NAME_ERROR = 3

/**
 * A real name server on loopback (RFC 1035, section 4). It knows the addresses of the names given, and says that others do
 * not exist; at `silence` it says nothing to the question, as `A shop.example`.
 */
export async function startNameServer(
  names: Readonly<Record<string, readonly string[]>>,
  silence: (question: string) => boolean,
): Promise<NameServer> {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query)
    const question = `${TYPES[type] ?? type} ${name}`
    asked.push(question)
    if (!silence(question)) socket.send(answerTo(query.subarray(0, end), type, names[name]), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    async stop() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answerTo(question: Buffer, type: number, addresses: readonly string[] | undefined): Buffer {
  const fitting = (addresses ?? []).filter((address) => isIPv6(address) === (TYPES[type] === 'AAAA'))
  const head = Buffer.from(question)
  head.writeUInt16BE(0x8180 | (addresses ? 0 : NAME_ERROR), 2)
  head.writeUInt16BE(fitting.length, 6)
  head.writeUInt32BE(0, 8)
  const records = fitting.map((address) => {
    const bytes = bytesOf(address)
    const record = Buffer.alloc(12)
    record.writeUInt16BE(0xc00c, 0) // the name of the question
    record.writeUInt16BE(type, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt16BE(bytes.length, 10)
    return Buffer.concat([record, bytes])
  })
  return Buffer.concat([head, ...records])
}

/** Of IPv6 the full spelling: eight groups. */
const bytesOf = (address: string): Buffer =>
  isIPv6(address)
    ? Buffer.from(
        address
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join(''),
        'hex',
      )
    : Buffer.from(address.split('.').map(Number))
