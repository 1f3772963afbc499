import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Sql } from './storage/connect.ts'
import { type MigrateOptions, migrate } from './storage/migrate.ts'

/** The rooms that keep tables in Opentill's own database, in the order in which they are made. */
export const MIGRATIONS: readonly MigrateOptions[] = [
  { folder: fileURLToPath(new URL('./storage/migrations', import.meta.url)), journal: 'storage_migrations' },
  { folder: fileURLToPath(new URL('./vault/migrations', import.meta.url)), journal: 'vault_migrations' },
]

/** @returns the migrations that ran now */
export async function migrateAll(sql: Sql): Promise<readonly string[]> {
  const done: string[] = []
  for (const room of MIGRATIONS) if (existsSync(room.folder)) done.push(...(await migrate(sql, room)))
  return done
}
