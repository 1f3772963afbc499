import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type Sql } from '../../src/storage/connect.ts'
import { findEmbeddedPostgres } from '../../src/storage/embedded/embedded.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ROOT } from '../support/source.ts'
import { killDatabase } from './kill.ts'
import type { Orders } from './opentill.ts'

/** Opentill as a process on a data folder and ports of its own: started, killed and started again. */
export type Product = {
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  secretKey(): string
  /** @param orders makes it the program of `opentill.ts`; without them it is `src/main.ts` */
  start(orders?: Orders): Promise<void>
  killServer(): Promise<void>
  /** Kills the database; the server follows by itself. */
  killDatabase(): Promise<void>
  /** Waits for a death that was ordered. @returns whether it came in time */
  died(withinMs: number): Promise<boolean>
  /** What it printed last. */
  lastWords(): string
  forward(ms: number): void
  /** The product's own database, as its application role unless another is given. */
  connect(role?: string): Promise<Sql>
  /** Runs a command of the command line against it. */
  command(...words: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  end(): Promise<void>
}

export async function newProduct(): Promise<Product> {
  const folder = temporaryFolder()
  const dataDir = join(folder, 'data')
  const [port, bankPort, storePort] = await freePorts(3)
  const environment = {
    PATH: process.env.PATH ?? '',
    OPENTILL_DATA_DIR: dataDir,
    OPENTILL_PORT: `${port}`,
    OPENTILL_BANK_PORT: `${bankPort}`,
    OPENTILL_STORE_PORT: `${storePort}`,
    OPENTILL_LOG_LEVEL: 'fatal',
  }
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let said = ''

  const run = (args: readonly string[]): ChildProcess => {
    const started = spawn(process.execPath, args, {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said = `${said}${chunk}`.slice(-4_000)
      })
    }
    return started
  }
  const isDead = () => child === undefined || child.exitCode !== null || child.signalCode !== null
  const dead = async () => {
    if (!isDead() && child) await once(child, 'exit')
  }

  return {
    url,
    environment,
    secretKey: () =>
      /^OPENTILL_SECRET_KEY=(\S+)$/m.exec(readFileSync(join(dataDir, 'dev-keys.env'), 'utf8'))?.[1] ?? '',
    async start(orders) {
      said = ''
      child = run(orders ? ['test/crash/opentill.ts', JSON.stringify(orders)] : ['src/main.ts'])
      while (!said.includes('API and payment page')) {
        if (isDead()) throw new Error(`Opentill did not start: ${said}`)
        await pause(20)
      }
    },
    async killServer() {
      child?.kill('SIGKILL')
      await dead()
    },
    async killDatabase() {
      killDatabase(dataDir)
      await dead()
    },
    async died(withinMs) {
      const until = Date.now() + withinMs
      while (!isDead() && Date.now() < until) await pause(10)
      return isDead()
    },
    lastWords: () => /^died at .*$/m.exec(said)?.[0] ?? said.trim().split('\n').at(-1)?.trim() ?? '',
    forward(ms) {
      child?.send({ forwardMs: ms })
    },
    async connect(role) {
      const cluster = await findEmbeddedPostgres(dataDir)
      if (!cluster) throw new Error('no cluster to connect to')
      const address = new URL(cluster.address('opentill'))
      if (role !== undefined) address.username = role
      return connect(address.href, { max: 2 })
    },
    async command(...words) {
      const command = spawn(process.execPath, ['src/cli/main.ts', ...words], { cwd: ROOT, env: environment })
      let [out, err] = ['', '']
      command.stdout.on('data', (chunk: Buffer) => {
        out += chunk
      })
      command.stderr.on('data', (chunk: Buffer) => {
        err += chunk
      })
      const [code] = await once(command, 'close')
      return { code: Number(code), out, err }
    },
    async end() {
      if (!isDead()) child?.kill('SIGTERM')
      await Promise.race([dead(), pause(15_000, undefined, { ref: false })])
      if (!isDead()) child?.kill('SIGKILL')
      await dead()
      killDatabase(dataDir) // Only a server that was killed has left one behind.
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** They are taken all at once, so that no two are the same, and let go for the product to take. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
