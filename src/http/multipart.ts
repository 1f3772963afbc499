import type { FastifyRequest } from 'fastify'
import { parseForm } from '../core/form.ts'
import { fault, type ParameterObject, type ParsedParameters } from '../core/parameters.ts'

/** The fields of `multipart/form-data` (RFC 7578), read by the platform's own parser; a file among them is refused. */
export async function fieldsOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  body: Uint8Array,
): Promise<ParsedParameters<ParameterObject>> {
  const type = headers['content-type'] ?? ''
  const form = await new Response(Uint8Array.from(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined)
  if (!form) return fault([], 'invalid_syntax', 'the body is no multipart/form-data')
  const fields = new URLSearchParams()
  for (const [name, value] of form) {
    if (typeof value !== 'string') return fault([name], 'invalid_syntax', 'is a file')
    fields.append(name, value)
  }
  return parseForm(fields.toString())
}
