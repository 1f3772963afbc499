import type { Snapshot } from '../src/core/event.ts'
import type { Books, Commit } from './books.ts'
import type { Post } from './post.ts'
import type { Provider } from './provider.ts'
import type { Receiver } from './receiver.ts'
import { Violation, type World } from './world.ts'

/** All that a rule may look at. */
export type Scene = {
  readonly world: World
  readonly books: Books
  readonly provider: Provider
  readonly receivers: readonly Receiver[]
  readonly post: Post
  /** What shops were answered, in the order of their hearing it. */
  readonly answers: readonly Snapshot[]
}

/** Something that is never otherwise. A rule has words of its own: it asks no table or function of `src` what is right. */
export type Rule = {
  /** The invariant's number in reliability.md, section 2.5, where it has one. */
  readonly id: string
  readonly says: string
  /** After every command that changed the database. @returns what is wrong, or nothing */
  readonly onCommit?: (scene: Scene, commit: Commit) => string | undefined
  /** After every step. */
  readonly onStep?: (scene: Scene) => string | undefined
  /** When nothing has gone wrong for long enough. */
  readonly atEnd?: (scene: Scene) => string | undefined
}

export function judge(scene: Scene, rules: readonly Rule[], ask: (rule: Rule) => string | undefined): void {
  if (scene.world.failure()) return
  for (const rule of rules) {
    const wrong = ask(rule)
    if (wrong === undefined) continue
    scene.world.fail(new Violation(rule.id, `${rule.says}: ${wrong}`))
    return
  }
}

/** The first of many things that is wrong. */
export function firstWrong<T>(things: Iterable<T>, judgeOne: (thing: T) => string | undefined): string | undefined {
  for (const thing of things) {
    const wrong = judgeOne(thing)
    if (wrong !== undefined) return wrong
  }
  return undefined
}
