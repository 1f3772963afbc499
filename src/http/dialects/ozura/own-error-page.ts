import { ERROR_PAGE_PATH } from '../../../core/error-page.ts'

/** Whether a shop's `errorUrl` is the page that this server shows for it: no address of the shop's, so no rule of its own is for it. */
export function isOwnErrorPage(url: string, publicUrl: string): boolean {
  const parsed = URL.parse(url)
  return parsed?.origin === new URL(publicUrl).origin && parsed.pathname === ERROR_PAGE_PATH
}
