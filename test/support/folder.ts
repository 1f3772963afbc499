import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A new folder for a data folder to lie in. Others may pass through it: as root, the database runs under another
 * account. Whoever asks for it removes it.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'opentill-test-'))
  chmodSync(folder, 0o711)
  return folder
}
