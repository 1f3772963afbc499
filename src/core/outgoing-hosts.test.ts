import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AddressVerdict, addressVerdict, judgeWebhookUrl, type WebhookUrlFault } from './outgoing-hosts.ts'

const ADDRESSES: Record<AddressVerdict, string> = {
  public:
    '1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 172.15.255.255 ' +
    '172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700:4700::1111 ' +
    '2001:200::1 2a00:1450::1 ::ffff:8.8.8.8',
  loopback: '127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 0:0:0:0:0:0:0:1',
  unspecified: '0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0',
  private:
    '10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.1 192.168.255.255 fc00::1 fd12:3456::1 fec0::1 ' +
    '::ffff:10.0.0.1 ::ffff:192.168.1.1',
  shared: '100.64.0.0 100.127.255.255 ::ffff:100.64.0.1',
  metadata:
    '169.254.169.254 169.254.170.2 168.63.129.16 100.100.100.200 fd00:ec2::254 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe',
  link_local: '169.254.0.1 169.254.255.255 fe80::1 febf::1',
  documentation: '192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1',
  benchmark: '198.18.0.0 198.19.255.255 2001:2::1',
  multicast: '224.0.0.1 239.255.255.255 ff02::1',
  embedded:
    '64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:0808:0808::1 2001::1 ::ffff:0:127.0.0.1',
  reserved: '192.0.0.1 192.88.99.1 240.0.0.1 255.255.255.255 2001:10::1 ::127.0.0.1 ::8.8.8.8 100::1 4000::1 5f00::1',
  scoped: 'fe80::1%eth0 ::1%lo 2606:4700:4700::1111%0',
  not_an_address: '0x7f.1 2130706433 0177.0.0.1 127.1 256.1.1.1 1.2.3.4.5 [::1] ::1/128 localhost 1.1.1.1:80 ①②⑦.⓪.⓪.①',
}
for (const [verdict, addresses] of Object.entries(ADDRESSES)) {
  for (const address of addresses.split(' ')) {
    test(`${address} is ${verdict}`, () => assert.equal(addressVerdict(address), verdict))
  }
}

test('every IPv4 address has the verdict of its mapped form, and is never public in a form that a gateway unpacks', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const verdict = addressVerdict(address)
      assert.equal(addressVerdict(`::ffff:${address}`), verdict)
      assert.notEqual(addressVerdict(`64:ff9b::${address}`), 'public')
      assert.notEqual(addressVerdict(`::${address}`), 'public')
    }),
  )
})

test('outside 2000::/3 no IPv6 address is public', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const first = Number.parseInt(address.split(':')[0] || '0', 16)
      const mapped = /^(?:0*:)*:?ffff:/i.test(address)
      if (addressVerdict(address) === 'public') assert.ok(mapped || (first >= 0x2000 && first <= 0x3fff), address)
    }),
  )
})

test('any text gets a verdict', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.ok(addressVerdict(text) in ADDRESSES)))
})

const LIVE = { live: true, allowLoopback: true }
const TEST = { live: false, allowLoopback: true }
const SHUT = { live: false, allowLoopback: false }

const ACCEPTED: [string, typeof LIVE, string, number][] = [
  ['https://shop.example/hooks', LIVE, 'shop.example', 443],
  ['https://SHOP.example:8443/hooks?a=1', LIVE, 'shop.example', 8443],
  ['https://bücher.example/', LIVE, 'xn--bcher-kva.example', 443],
  ['https://8.8.8.8/', LIVE, '8.8.8.8', 443],
  ['https://[2606:4700:4700::1111]/', LIVE, '2606:4700:4700::1111', 443],
  ['http://localhost:4120/hooks', TEST, 'localhost', 4120],
  ['http://127.0.0.1:4120/', TEST, '127.0.0.1', 4120],
  ['http://0x7f.1:4120/', TEST, '127.0.0.1', 4120],
  ['http://[::1]/', TEST, '::1', 80],
  ['https://localhost/', TEST, 'localhost', 443],
]
for (const [text, rules, host, port] of ACCEPTED) {
  test(`${text} is taken`, () => {
    const verdict = judgeWebhookUrl(text, rules)
    assert.ok(verdict.ok)
    assert.deepEqual([verdict.host, verdict.port, verdict.href], [host, port, new URL(text).href])
    assert.equal(verdict.loopback, rules === TEST)
  })
}

const REFUSED: [unknown, typeof LIVE, WebhookUrlFault][] = [
  ['http://shop.example/', LIVE, 'url_not_https'],
  ['http://shop.example/', TEST, 'url_not_https'],
  ['http://localhost/', LIVE, 'url_not_https'],
  ['http://localhost/', SHUT, 'url_not_https'],
  ['ftp://shop.example/', LIVE, 'url_not_https'],
  ['gopher://shop.example/', LIVE, 'url_not_https'],
  ['file:///etc/passwd', LIVE, 'url_invalid'],
  ['javascript:alert(1)', LIVE, 'url_invalid'],
  ['https:shop.example', LIVE, 'url_invalid'],
  ['https:///shop.example', LIVE, 'url_invalid'],
  ['https://shop.example\\@evil.example/', LIVE, 'url_invalid'],
  ['https://shop.example/\n', LIVE, 'url_invalid'],
  ['', LIVE, 'url_invalid'],
  [7, LIVE, 'url_invalid'],
  ['https://u:p@shop.example/', LIVE, 'url_userinfo'],
  ['https://@shop.example/', LIVE, 'url_userinfo'],
  ['https://localhost/', LIVE, 'url_host'],
  ['https://localhost/', SHUT, 'url_host'],
  ['https://localhost./', TEST, 'url_host'],
  ['https://shop.example./', LIVE, 'url_host'],
  ['https://127.0.0.1/', LIVE, 'url_host'],
  ['https://0x7f.1/', LIVE, 'url_host'],
  ['https://2130706433/', LIVE, 'url_host'],
  ['https://0177.0.0.1/', LIVE, 'url_host'],
  ['https://127.1/', LIVE, 'url_host'],
  ['https://①②⑦.⓪.⓪.①/', LIVE, 'url_host'],
  ['https://10.0.0.1/', TEST, 'url_host'],
  ['https://169.254.169.254/latest/meta-data', LIVE, 'url_host'],
  ['https://[::1]/', LIVE, 'url_host'],
  ['https://[::ffff:127.0.0.1]/', LIVE, 'url_host'],
  ['https://[64:ff9b::7f00:1]/', LIVE, 'url_host'],
  ['https://[2002:7f00:1::]/', LIVE, 'url_host'],
  ['https://[fe80::1%25eth0]/', LIVE, 'url_invalid'],
  ['https://metadata.google.internal/', LIVE, 'url_host'],
  ['https://printer.local/', LIVE, 'url_host'],
  ['https://intranet/', LIVE, 'url_host'],
  ['https://shop..example/', LIVE, 'url_host'],
  ['https://shop.example:22/', LIVE, 'url_port'],
  ['https://shop.example:25/', LIVE, 'url_port'],
  ['https://shop.example:80/', LIVE, 'url_port'],
  ['https://shop.example:5432/', LIVE, 'url_port'],
  ['https://shop.example:0/', LIVE, 'url_port'],
  ['http://localhost:5432/', TEST, 'url_port'],
  ['http://localhost:22/', TEST, 'url_port'],
  [`https://shop.example/${'x'.repeat(10_000)}`, LIVE, 'url_too_long'],
]
for (const [text, rules, code] of REFUSED) {
  test(`${JSON.stringify(text).slice(0, 60)} is refused: ${code}`, () => {
    const verdict = judgeWebhookUrl(text, rules)
    assert.equal(verdict.ok ? 'taken' : verdict.code, code)
  })
}

test('in live mode whatever is taken is https to a name or a public address, as it is written', () => {
  const hosts = fc.oneof(
    fc.ipV4().map((address) => `${address}`),
    fc.ipV4Extended(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.domain(),
  )
  const texts = fc.oneof(
    fc.tuple(fc.constantFrom('https', 'http'), hosts, fc.nat(70_000)).map(([s, h, p]) => `${s}://${h}:${p}/`),
    hosts.map((host) => `https://${host}/`),
    fc.string({ unit: 'binary' }),
    fc.anything(),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const verdict = judgeWebhookUrl(text, LIVE)
      if (!verdict.ok) return assert.ok(verdict.message)
      const url = new URL(String(text))
      assert.equal(url.protocol, 'https:')
      assert.ok(['public', 'not_an_address'].includes(addressVerdict(verdict.host)))
      assert.ok(verdict.port === 443 || verdict.port >= 1024)
      return assert.equal(verdict.loopback, false)
    }),
    { numRuns: 2000 },
  )
})
