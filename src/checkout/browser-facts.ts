import type { FastifyRequest } from 'fastify'
import type { BrowserFacts } from '../core/three-d-secure.ts'

/**
 * The shopper's browser as the issuer wants to know it: from the request's headers, and from what the page's script
 * wrote into the form, `<color depth>,<width>,<height>,<time zone offset>`. Without a script that field is empty.
 */
export function browserFactsOf(request: FastifyRequest, written: string | undefined): BrowserFacts {
  const { accept, 'user-agent': userAgent, 'accept-language': languages } = request.headers
  const language = languages?.split(',')[0]?.split(';')[0]?.trim()
  const headers = {
    ...(accept === undefined ? {} : { acceptHeader: accept }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(language ? { language } : {}),
  }
  if (!written || !/^\d{1,2},\d{1,6},\d{1,6},-?\d{1,4}$/.test(written)) return { ...headers, javascript: false }
  const [colorDepth = 0, screenWidth = 0, screenHeight = 0, timeZoneOffset = 0] = written.split(',').map(Number)
  return { ...headers, javascript: true, colorDepth, screenWidth, screenHeight, timeZoneOffset }
}
