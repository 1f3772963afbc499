/** Too many requests wait for the database already: the client is told to come back, and nothing was begun for it. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'
  constructor() {
    super('too many requests are waiting for the database')
  }
}
