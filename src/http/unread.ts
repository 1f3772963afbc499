import type { TSchema } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Check } from 'typebox/value'
import type { Caller } from '../core/account.ts'
import { parseForm } from '../core/form.ts'
import type { Tenant } from '../core/ids.ts'
import { type JsonOptions, parseJson } from '../core/json.ts'
import type { Parameter, ParsedParameters } from '../core/parameters.ts'
import type { CardDesk, CardPlace, ClosedCard } from '../flows/card-desk.ts'
import { type Api, callerOf } from './api/api.ts'
import { Refused } from './errors.ts'
import { fieldsOf } from './multipart.ts'
import type { Words } from './parameters/fields.ts'
import { readParameters, type Tree } from './parameters/read.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where the body may hold a card, which the vault takes out before anybody reads it. */
    readonly card?: CardPlace
  }
  interface FastifyRequest {
    /** The card that came with the body, closed. */
    card: ClosedCard | null
    /** Whose vault takes that card, where a request has no key: set before the body is read. */
    cardTenant: Tenant | null
    /** Who asks; set before a route that needs a key runs. */
    caller: Caller | null
  }
}

/** What a parser made of body or query, before a schema is known. */
export type Unread = { readonly from: Tree['from']; readonly parsed: ParsedParameters<Parameter> }

export type BodyForm = 'form' | 'json' | 'multipart'
type BodyDeps = { readonly cards: Pick<CardDesk, 'takeParameters'> }

/** Bodies of these forms, and nothing else: one of another kind is refused before it is read. */
export function readBodies(api: Api, { cards }: BodyDeps, forms: readonly BodyForm[], options: JsonOptions = {}): void {
  const parse = (body: Uint8Array, from: Unread['from']) =>
    from === 'form' ? parseForm(body) : parseJson(body, options)
  /** Where a route takes a card, the vault reads the body, and keeps the card for itself. */
  const read = (request: FastifyRequest, body: Uint8Array, from: Unread['from']): Unread => {
    const { card: place } = request.routeOptions.config
    if (place === undefined) return { from, parsed: parse(body, from) }
    const tenant = request.cardTenant ?? callerOf(request).tenant
    const { parsed, card } = cards.takeParameters(tenant, body, from, place)
    request.card = card ?? null
    return { from, parsed }
  }
  const readers: { readonly [form in BodyForm]: Reader } = {
    form: { type: 'application/x-www-form-urlencoded', read: async (request, body) => read(request, body, 'form') },
    json: {
      type: 'application/json',
      read: async (request, body) => (body.length === 0 ? NOTHING_SENT : read(request, body, 'json')),
    },
    multipart: {
      type: 'multipart/form-data',
      read: async (request, body) => ({ from: 'form', parsed: await fieldsOf(request, body) }),
    },
  }
  api.removeAllContentTypeParsers()
  for (const { type, read: readBody } of forms.map((form) => readers[form])) {
    api.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      checkCharset(request)
      return readBody(request, body)
    })
  }
}

type Reader = {
  readonly type: string
  read(request: FastifyRequest, body: Buffer): Promise<Unread>
}

const NOTHING_SENT: Unread = { from: 'form', parsed: { ok: true, value: {} } }

/** Requests become what their schema says, or a fault; replies are compared with theirs where a test asks for it. */
export function checkShapes(api: Api, deps: { readonly checkReplies?: boolean }): void {
  api.setValidatorCompiler<TSchema>(({ schema, httpPart }) => (data: unknown) => {
    if (httpPart === 'params') return { value: data }
    const { from, parsed } = (data as Unread | undefined) ?? NOTHING_SENT
    try {
      if (!parsed.ok) throw faultOfParser(parsed.fault)
      return { value: readParameters(schema as Words, { from, tree: parsed.value }) }
    } catch (error) {
      return { error: error as Error }
    }
  })
  api.setSerializerCompiler<TSchema>(({ schema }) => (reply: unknown) => {
    if (deps.checkReplies && !Check(schema, reply)) throw new Error('a reply has another shape than its route says')
    return JSON.stringify(reply)
  })
}

function faultOfParser(fault: Extract<Unread['parsed'], { ok: false }>['fault']): Refused {
  const code = fault.code === 'invalid_integer' && fault.path !== '' ? 'parameter_invalid_integer' : 'body_invalid'
  return new Refused({ code, detail: fault.message, ...(fault.path === '' ? {} : { param: fault.path }) })
}

export function queryOf(request: FastifyRequest): string {
  const target = request.raw.url ?? ''
  const start = target.indexOf('?')
  return start < 0 ? '' : target.slice(start + 1)
}

/** Nothing is unpacked here, so nothing can be a bomb. */
export function refuseEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new Refused({ code: 'content_encoding_unsupported' })
}

function checkCharset({ headers }: FastifyRequest): void {
  const [, charset] = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '') ?? []
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw new Refused({ code: 'content_type_unsupported' })
}
