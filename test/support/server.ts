import { rmSync } from 'node:fs'
import { makeEnv } from '../../src/env.ts'
import { startEmbeddedPostgres } from '../../src/storage/embedded/embedded.ts'
import { temporaryFolder } from './folder.ts'

export type TestServer = { readonly url: string; stop(): Promise<void> }

/** The database that test processes meet in: templates are made and test databases created from there. */
const MEETING_PLACE = 'opentill_test'

/**
 * A cluster of its own in a temporary folder, with everything that makes it durable left on.
 * @param beforeRemoval looks at the folder once the server has stopped
 */
export async function startTestServer(beforeRemoval: (folder: string) => void = () => {}): Promise<TestServer> {
  const dataDir = temporaryFolder()
  const cluster = await startEmbeddedPostgres({ dataDir, env: makeEnv(), mayCreateDatabases: true })
  await cluster.createDatabase(MEETING_PLACE)
  return {
    url: cluster.address(MEETING_PLACE),
    async stop() {
      await cluster.stop()
      beforeRemoval(dataDir)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
