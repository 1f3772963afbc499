import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AskHsrc, HsrcSession } from './client.ts'

/** The form of a shop that has its own page; what it sends and hears is all in the page's script. */
const PAGE = (api: string) => `<!doctype html><title>Pay</title><h1>…</h1><p id=said></p>
<form><input id=pan><input id=month><input id=year><input id=cvv><input id=name><input id=email><button>Pay</button></form>
<script>
const token = new URLSearchParams(location.search).get('token')
const call = (path, init) => fetch('${api}/v1/checkout-sessions/token/' + token + path, init).then((answer) => answer.json())
const show = ({ data: { checkout_session: session } }) => {
  document.querySelector('h1').textContent = session.amount / 100 + ' ' + session.currency + ' ' + session.status
}
call('').then(show, () => { document.querySelector('h1').textContent = 'refused' })
document.querySelector('form').onsubmit = async (event) => {
  event.preventDefault()
  const of = (id) => document.getElementById(id).value
  const data = { pan: of('pan'), month: of('month'), year: of('year'), cvv: of('cvv'), name: of('name') }
  const body = { payment_method: { type: 'card', data }, payer: { email: of('email') }, payer_identity: { user_agent: navigator.userAgent } }
  const answer = await call('/confirm', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify(body),
  })
  if (!answer.success) return void (document.getElementById('said').textContent = answer.message)
  show(answer)
  const { paymentNextAction: next, latestResult, errCode } = answer.data.confirmResult
  if (next?.action === 'redirect_user_to_url') return void location.assign(next.url)
  if (latestResult.kind === 'success') return void location.assign(answer.data.checkout_session.return_url)
  document.getElementById('said').textContent = errCode
}
</script>`

/** A shop with a payment page of its own, on an origin of its own: it believes no return, but reads the payment. */
export async function startOwnPage(api: () => string, ask: () => AskHsrc) {
  const orders = new Map<string, HsrcSession>()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin())
    const say = (text: string, status = 200) =>
      void response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text)
    if (url.pathname === '/checkout') return say(PAGE(api()))
    const order = orders.get(url.searchParams.get('order') ?? '')
    if (url.pathname !== '/return' || !order) return say('<h1>No such order</h1>', 404)
    const { json } = await ask()('GET', `/payments/${order.payment_id}`)
    say(json.payment.status === 'SUCCEEDED' ? '<h1>Thank you</h1>' : '<h1>Your payment has not arrived</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin: origin(),
    /** @returns where the shop sends its shopper */
    async sell(more: object = {}): Promise<{ readonly session: HsrcSession; readonly url: string }> {
      const order = String(orders.size + 1)
      const { json } = await ask()('POST', '/checkout-sessions', {
        amount: 12500,
        currency: 'TRY',
        url: `${origin()}/checkout`,
        return_url: `${origin()}/return?order=${order}`,
        metadata: { order_id: order },
        ...more,
      })
      const session = json.checkout_session
      orders.set(order, session)
      return { session, url: `${session.url}?token=${session.token}` }
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
