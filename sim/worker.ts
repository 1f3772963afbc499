/** Simulates batches of seeds in a thread of its own. */
import { parentPort } from 'node:worker_threads'
import { type Batch, runBatch } from './run-many.ts'

parentPort?.on('message', async (batch: Batch) => {
  parentPort?.postMessage(await runBatch(batch))
})
