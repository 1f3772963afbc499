import { RIGHT_CODE, submit } from './cardholder.ts'

/** What a cardholder does on the issuer's page. */
export const confirmAt = (url: string): Promise<string> => submit(url, { code: RIGHT_CODE, attempt: '0' })
export const cancelAt = (url: string): Promise<string> => submit(url, { cancel: '1' })

export async function failAt(url: string): Promise<void> {
  for (const attempt of ['0', '1', '2']) await submit(url, { code: '000000', attempt })
}
