import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './source.ts'
import { LIMIT_MS } from './until.ts'

/** The real Stripe CLI: the pinned one of this platform, or the one that `STRIPE_CLI_PATH` names. Undefined without. */
export function findStripeCli(): string | undefined {
  const pinned = join(ROOT, 'node_modules/@stripe', `cli-${process.platform}-${process.arch}`, 'bin/stripe')
  const path = process.env.STRIPE_CLI_PATH ?? pinned
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    return undefined
  }
}

export const NO_STRIPE_CLI = `there is no Stripe CLI for ${process.platform}-${process.arch}; STRIPE_CLI_PATH may name one`

export type CliRan = { readonly code: number | null; readonly out: string; readonly err: string }

/** A Stripe CLI pointed at a server of ours, as its own settings and a login would never be: from nothing. */
export function stripeCli(program: string, server: { readonly url: string; readonly secretKey: string }, home: string) {
  const start = (words: readonly string[]): ChildProcess =>
    spawn(program, [...words, '--api-base', server.url, '--color', 'off', '--device-name', 'test'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        HOME: home,
        PATH: process.env.PATH ?? '',
        STRIPE_API_KEY: server.secretKey,
        STRIPE_CLI_TELEMETRY_OPTOUT: '1',
        // Nothing but our server is reached: the CLI would ask elsewhere whether there is a newer one of it.
        HTTPS_PROXY: 'http://127.0.0.1:9',
        NO_PROXY: '127.0.0.1',
      },
    })

  return {
    /** One command, to its end. */
    async run(...words: readonly string[]): Promise<CliRan> {
      const child = start(words)
      const heard = listenTo(child)
      const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
      const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
      clearTimeout(limit)
      return { code, out: heard.out(), err: heard.err() }
    },
    /** One that runs until it is stopped. */
    follow(...words: readonly string[]) {
      const child = start(words)
      const heard = listenTo(child)
      const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
      return {
        out: heard.out,
        err: heard.err,
        /** Waits until it has printed something that fits. */
        until: (pattern: RegExp) => heard.until(pattern),
        async stop() {
          child.kill('SIGKILL')
          await closed
        },
      }
    },
  }
}

function listenTo(child: ChildProcess) {
  let [out, err] = ['', '']
  let watchers: (() => void)[] = []
  const tell = () => {
    const all = watchers
    watchers = []
    for (const watcher of all) watcher()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk
    tell()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk
    tell()
  })
  child.once('close', tell)
  return {
    out: () => out,
    err: () => err,
    async until(pattern: RegExp): Promise<RegExpExecArray> {
      const limit = Date.now() + LIMIT_MS
      for (;;) {
        const found = pattern.exec(out) ?? pattern.exec(err)
        if (found) return found
        const left = limit - Date.now()
        if (left <= 0 || child.exitCode !== null) throw new Error(`no ${pattern} in:\n${out}\n${err}`)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left)
          watchers.push(() => {
            clearTimeout(timer)
            resolve()
          })
        })
      }
    },
  }
}
