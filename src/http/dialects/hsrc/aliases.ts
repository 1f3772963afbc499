import type { FastifyRequest } from 'fastify'
import { asObject, newObject, type Parameter } from '../../../core/parameters.ts'
import type { Unread } from '../../unread.ts'

/** Members that are the shop's own names, or the payer's answers to them. */
const OWN_NAMES: readonly string[] = ['metadata', 'custom_fields', 'custom_fields_values']

/** Members that some clients send as a number or a flag, and others as a word. */
const WORDS: readonly string[] = ['secure_mode', 'month', 'year']

/**
 * The system's SDK writes `returnUrl` where its API has `return_url`, and some clients have both worlds mixed: bodies are
 * read under the API's names. Where both are there, the API's counts. Metadata of numbers and yes or no become text.
 */
export async function readNames(request: FastifyRequest): Promise<void> {
  const body = request.body as Unread | undefined
  if (body?.from !== 'json' || !body.parsed.ok) return
  request.body = { from: 'json', parsed: { ok: true, value: underscored(body.parsed.value) } } satisfies Unread
}

function underscored(value: Parameter): Parameter {
  if (Array.isArray(value)) return value.map(underscored)
  const members = asObject(value)
  if (!members) return value
  const read = newObject()
  for (const [key, member] of Object.entries(members)) {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    if (name !== key && Object.hasOwn(members, name)) continue
    if (OWN_NAMES.includes(name)) read[name] = texts(member)
    else read[name] = WORDS.includes(name) ? text(member) : underscored(member)
  }
  return read
}

function texts(value: Parameter): Parameter {
  const members = Array.isArray(value) ? undefined : asObject(value)
  if (!members) return value
  const read = newObject()
  for (const [key, member] of Object.entries(members)) read[key] = text(member)
  return read
}

const text = (value: Parameter): Parameter =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
