import type { Race } from '../race.ts'
import { CONFIRMING } from './confirming.ts'
import { HEARING } from './hearing.ts'
import { KEEPING } from './keeping.ts'
import { ORDERING } from './ordering.ts'
import { REPEATING } from './repeating.ts'
import { TELLING } from './telling.ts'

export const RACES: readonly Race[] = [...CONFIRMING, ...ORDERING, ...HEARING, ...REPEATING, ...TELLING, ...KEEPING]
