import { makeEnv } from '../../src/env.ts'
import { startEmbeddedPostgres } from '../../src/storage/embedded/embedded.ts'

/**
 * A process that runs the embedded cluster of the folder it is given until it is told to stop, or killed:
 * `node test/support/hold-data-folder.ts <folder>`. It prints the database's address when it is ready.
 */
const [dataDir = ''] = process.argv.slice(2)
try {
  const cluster = await startEmbeddedPostgres({ dataDir, env: makeEnv() })
  await cluster.createDatabase('opentill')
  console.log(cluster.address('opentill'))
  await new Promise((resolve) => process.stdin.once('end', resolve).resume())
  await cluster.stop()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
