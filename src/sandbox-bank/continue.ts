import { type Answer, answerWith } from './answer.ts'
import { renderAuthorization } from './authorization.ts'
import { goOn } from './book-authentication.ts'
import { type Books, cutoff } from './books.ts'
import { type Claim, rememberAnswer } from './idempotency.ts'
import { lockSettled } from './lock-settled.ts'

/** The merchant's word that the device check is over. Without one to end, it answers how things stand. */
export async function continueAuthorization(
  books: Books,
  merchant: string,
  id: string,
  claim: Claim | undefined,
): Promise<Answer> {
  const { answer, notices } = await books.sql.begin(async (tx) => {
    const { authorization: before, notices: due } = await lockSettled(tx, books, merchant, id)
    const { authentication, status } = before
    const waits = status === 'requires_action' && authentication
    const step = waits
      ? await goOn(tx, books, merchant, before, authentication)
      : { authorization: before, notices: [] }
    const shown = answerWith(200, renderAuthorization(step.authorization, books.origin))
    await rememberAnswer(tx, merchant, claim, shown, books.env.now(), cutoff(books))
    return { answer: shown, notices: [...due, ...step.notices] }
  })
  books.tell(notices)
  return answer
}
