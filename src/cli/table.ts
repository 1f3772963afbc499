import { stripVTControlCharacters } from 'node:util'
import type { Paint } from './command.ts'

/** Columns as wide as their widest cell; free text belongs into the last one, which is not padded. */
export function renderTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  { heading }: Pick<Paint, 'heading'>,
): string {
  const head = columns.map((column) => heading(column.toUpperCase()))
  const lines = [head, ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => widthOf(cells[index] ?? ''))))
  const last = columns.length - 1
  return lines
    .map((cells) => cells.map((cell, index) => (index === last ? cell : pad(cell, widths[index] ?? 0))).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** Colors take no room. */
const widthOf = (cell: string): number => stripVTControlCharacters(cell).length
const pad = (cell: string, width: number): string => cell + ' '.repeat(width - widthOf(cell))

/** To the minute, in UTC: an operator compares it with logs, not with a wall clock. */
export function renderMoment(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** As the API tells times. */
export const unixSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000)
