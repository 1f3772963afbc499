import type { IncomingMessage, ServerResponse } from 'node:http'
import { ACS_PATH, serveAcs } from './acs.ts'
import { serveAdmin } from './admin.ts'
import { type Answer, errorAnswer, Refusal } from './answer.ts'
import type { Books, Notice } from './books.ts'
import { type BankLog, newId } from './env.ts'
import type { FaultPlan } from './fault-plan.ts'
import { conductFaults, type FaultGate, type Faults, faultGate, type Spoiled, Struck, spoil } from './faults.ts'
import type { InFlight } from './idempotency.ts'
import type { Notices } from './notices.ts'
import { parseIdempotencyKey, parseMerchantKey } from './parse.ts'
import { readJson } from './read-body.ts'
import { type Bank, type Call, doOnce, ROUTES, type Route } from './routes.ts'
import { send } from './send.ts'

/** What every request finds: the bank, and everything that may go wrong with it. */
export type Desk = {
  readonly bank: Omit<Books, 'tell'> & { readonly inFlight: InFlight }
  readonly plan: FaultPlan
  readonly notices: Notices
  readonly log: BankLog
  readonly faults: Faults | undefined
  readonly adminToken: string | undefined
  readonly stopping: AbortSignal
}

type Served = { readonly answer: Answer; readonly spoiled: ReadonlySet<Spoiled> }
const UNSPOILED: ReadonlySet<Spoiled> = new Set()

export async function handle(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = newId('req', desk.bank.env)
  const told: Notice[] = []
  const url = readUrl(request)
  const { route, id } = findRoute(request.method, url.pathname)
  // A path or query may hold anything: the log names the route it matched.
  const logged = { request: requestId, method: request.method, route: route?.path ?? areaOf(url.pathname) }
  try {
    const bank: Bank = withTelling(desk, told)
    const { answer, spoiled } = route
      ? await serveMerchant(desk, bank, request, route, id, url)
      : await serveOthers(desk, bank, request, url)
    const letters = await desk.notices.write(told.splice(0), bank.origin)
    await desk.notices.postEarly(letters)
    await send(response, spoil(answer, spoiled), requestId, spoiled)
    desk.notices.postRest(letters)
    desk.log.info({ ...logged, status: answer.status }, 'sandbox bank answered')
  } catch (error) {
    await answerFailure(desk, request, response, error, logged)
    // What was booked was booked, whether or not anybody hears an answer.
    if (told.length > 0) desk.notices.postAll(await desk.notices.write(told, desk.bank.origin).catch(() => []))
  }
}

async function answerFailure(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  logged: { readonly request: string },
): Promise<void> {
  if (error instanceof Struck && typeof error.end === 'string') {
    if (error.end === 'reset') request.socket.resetAndDestroy()
    desk.log.info({ ...logged, fault: error.end }, 'sandbox bank struck by a fault')
    return
  }
  const expected = error instanceof Struck ? (error.end as Answer) : error instanceof Refusal ? error.answer : undefined
  const answer = expected ?? errorAnswer('internal_error', `The bank failed; its log says why under ${logged.request}.`)
  await send(response, answer, logged.request, UNSPOILED)
  if (expected) desk.log.info({ ...logged, status: answer.status }, 'sandbox bank answered')
  else desk.log.error({ ...logged, status: answer.status, err: error }, 'sandbox bank failed')
}

async function serveMerchant(
  desk: Desk,
  bank: Bank,
  request: IncomingMessage,
  route: Route,
  id: string,
  url: URL,
): Promise<Served> {
  const merchant = parseMerchantKey(request.headers.authorization)
  const idempotencyKey = parseIdempotencyKey(request.headers['idempotency-key'])
  const body = route.method === 'POST' ? await readJson(request, route.largestBody) : undefined
  const call: Call = { merchant, id, query: url.searchParams, body, idempotencyKey }
  const order = route.method === 'POST' ? route.order(bank, call) : undefined
  const reference = order ? order.reference : (url.searchParams.get('reference') ?? undefined)
  const faulted = { merchant, method: route.method, route: route.path, reference, idempotencyKey }
  const planned = desk.plan.meet(faulted)
  const sources = [desk.faults, conductFaults(order?.conduct), planned.faults]
  const gate: FaultGate = faultGate(sources, faulted, sleeper(desk))
  const answer = order
    ? await doOnce(bank, call, order, gate.pass, planned.forgetsKey)
    : await readFor(route, bank, call)
  await gate.pass('before_answer')
  return { answer, spoiled: gate.spoiled }
}

/** Cardholders and the back office. */
async function serveOthers(desk: Desk, bank: Bank, request: IncomingMessage, url: URL): Promise<Served> {
  const [, step, authenticationId] = ACS_PATH.exec(url.pathname) ?? []
  if (authenticationId !== undefined && (request.method === 'GET' || request.method === 'POST')) {
    const spoiled = new Set<Spoiled>()
    const answer = await serveAcs(bank, request, {
      authenticationId,
      step: step === 'method' ? 'method' : 'challenge',
      sleep: sleeper(desk),
      async pass(merchant, { reference }) {
        const route = `/acs/${step}/:id`
        const faulted = { merchant, method: request.method ?? '', route, reference, idempotencyKey: undefined }
        const gate = faultGate([desk.plan.meet(faulted).faults], faulted, sleeper(desk))
        await gate.pass('before_answer')
        for (const one of gate.spoiled) spoiled.add(one)
      },
    })
    return { answer, spoiled }
  }
  if (!url.pathname.startsWith('/admin/'))
    return { answer: errorAnswer('not_found', 'No such path, or not with this method.'), spoiled: UNSPOILED }
  if (desk.adminToken === undefined)
    return { answer: errorAnswer('not_found', 'This bank was started without a back office.'), spoiled: UNSPOILED }
  return { answer: await serveAdmin(bank, desk.plan, desk.adminToken, request, url), spoiled: UNSPOILED }
}

function withTelling(desk: Desk, told: Notice[]): Bank {
  const { bank } = desk
  return { ...bank, origin: bank.origin, tell: (notices) => void told.push(...notices) }
}

function sleeper({ bank, stopping }: Desk): (ms: number) => Promise<void> {
  return (ms) => bank.env.sleep(ms, stopping).catch(() => undefined) // Stopping cuts a delay short.
}

function readFor(route: Route, bank: Bank, call: Call): Promise<Answer> {
  if (route.method !== 'GET') throw new TypeError('an order is not a read')
  return route.read(bank, call)
}

function readUrl(request: IncomingMessage): URL {
  return URL.parse(`http://bank${request.url ?? '/'}`) ?? new URL('http://bank/')
}

function areaOf(path: string): string {
  return ACS_PATH.test(path) ? '/acs' : path.startsWith('/admin/') ? '/admin' : 'unknown'
}

function findRoute(method: string | undefined, path: string): { route: Route | undefined; id: string } {
  const parts = path.split('/')
  const route = ROUTES.find((candidate) => {
    const wanted = candidate.path.split('/')
    return (
      candidate.method === method &&
      wanted.length === parts.length &&
      wanted.every(
        (part, at) => part === parts[at] || (part === ':id' && /^(?:[a-z]+_){1,2}[0-9a-f]{32}$/.test(parts[at] ?? '')),
      )
    )
  })
  return { route, id: route?.path.includes(':id') ? (parts[3] ?? '') : '' }
}
