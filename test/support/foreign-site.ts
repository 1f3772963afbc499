import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site that is neither ours nor the bank's. */
export async function startForeignSite(answer: RequestListener): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** An address of this machine where nobody listens. */
export async function nobodysUrl(): Promise<string> {
  const site = await startForeignSite(() => {})
  site.stop()
  return site.url
}
