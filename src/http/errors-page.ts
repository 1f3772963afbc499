import { ERRORS, type ErrorCode, statusOf } from './errors.ts'

const CODES = (Object.keys(ERRORS) as ErrorCode[]).toSorted()
const INTRODUCTION =
  'Every error of the API is `{"error": {"type", "code", "message", "param", "doc_url", "request_id"}}`. ' +
  'The code says what happened; the message names the parameter and says what to do.'

/** `docs/errors.md`, written from the table: a test compares the two. */
export function errorsMarkdown(): string {
  const rows = CODES.map(
    (code) => `| \`${code}\` | ${statusOf({ code })} | \`${ERRORS[code].type}\` | ${ERRORS[code].about} |`,
  )
  return [
    '# Errors',
    '',
    INTRODUCTION,
    '',
    'An object that is missing is a 404 when the path names it and a 400 when a parameter does.',
    'Declined cards are no error of a request here: the shopper sees them on the page, and the payment tells them in',
    '`last_payment_error`.',
    '',
    '| Code | Status | Type | What it means, and what to do |',
    '| - | - | - | - |',
    ...rows,
    '',
  ].join('\n')
}

/** The same as a page, with the anchors that `doc_url` points to. All of it is our own text. */
export function errorsHtml(): string {
  const sections = CODES.map(
    (code) =>
      `<h2 id="${code}">${code}</h2><p>Status ${statusOf({ code })}, ${ERRORS[code].type}. ${ERRORS[code].about}</p>`,
  )
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Errors</title><h1>Errors</h1>' +
    `<p>${INTRODUCTION.replaceAll('`', '')}</p>${sections.join('').replaceAll('`', '')}</html>`
  )
}
