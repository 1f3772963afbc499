import type { Door, Session } from './session.ts'

/** What of a request says which session is meant. */
export type AliasRequest = {
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** A session, and where its door sends whoever opens it, when that is not its page. */
export type AliasFound = Pick<Session, 'tenant' | 'id' | 'secret'> & { readonly leadsTo?: string }

/** An address under which a door's shops know a session's page: it leads to the page's own. */
export type PageAlias = {
  readonly door: Door
  /** As routes are written: `/pay/:id`. Two doors may share one; who is listed first is asked first. */
  readonly path: string
  /** The session that the address opens. Who finds it has judged the credential: what follows is open to all who ask. */
  find(request: AliasRequest): Promise<AliasFound | undefined>
}
