/** One message of PostgreSQL's protocol (version 3): a letter, a length and that many bytes. */
export type Message = { readonly type: string; readonly bytes: Buffer }

const LENGTH = 4

/**
 * Cuts a stream into messages. A client's very first message has no letter.
 * @see PostgreSQL documentation, "Message Formats"
 */
export function makeFrames(startsWithoutLetter: boolean): (chunk: Buffer) => readonly Message[] {
  let rest: Buffer = Buffer.alloc(0)
  let letters = startsWithoutLetter ? 0 : 1
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const messages: Message[] = []
    while (rest.length >= letters + LENGTH) {
      const length = letters + rest.readUInt32BE(letters)
      if (rest.length < length) break
      messages.push({
        type: letters === 0 ? 'start' : String.fromCharCode(rest[0] ?? 0),
        bytes: rest.subarray(0, length),
      })
      rest = rest.subarray(length)
      letters = 1
    }
    return messages
  }
}

/** The text that ends with a zero byte at a place of a message. */
export function textAt({ bytes }: Message, at: number): string {
  const end = bytes.indexOf(0, at)
  return bytes.toString('utf8', at, end < 0 ? bytes.length : end)
}
