import { styleText } from 'node:util'
import type { Paint } from './command.ts'

const plain = (text: string): string => text

/** Whether the stream takes colors was judged by who started us, NO_COLOR (no-color.org) included. */
export function paintFor(colored: boolean): Paint {
  if (!colored) return { heading: plain, live: plain, faint: plain }
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    text === '' ? text : styleText(format, text, { validateStream: false })
  return { heading: style('bold'), live: style(['bold', 'yellow']), faint: style('dim') }
}
