import { type ErrorRow, invalid, named } from './error-row.ts'

/** What is wrong with a request before a flow sees it, and what befalls us. */
export const EDGE_ERRORS = {
  account_invalid: invalid(
    'The Stripe-Account header names another account than the key belongs to. Leave the header out.',
    () => 'The Stripe-Account header names an account that this API key has no access to. Leave the header out.',
    403,
  ),
  api_key_expired: invalid(
    'The key was revoked. Use another key of the account, or make a new one.',
    ({ detail }) => `Expired API Key provided: ${detail ?? '****'}. Make a new key and use that.`,
    401,
  ),
  api_key_invalid: invalid(
    'The key is not one of ours: mistyped, cut off, or of another server. Copy it again.',
    ({ detail }) => `Invalid API Key provided: ${detail ?? '****'}`,
    401,
  ),
  api_key_missing: invalid(
    'The request has no key. Send `Authorization: Bearer sk_…`, or the key as the user name of basic auth.',
    () =>
      "You did not provide an API key. Send it in the Authorization header, as 'Authorization: Bearer YOUR_SECRET_KEY', " +
      'or as the user name of basic authentication.',
    401,
  ),
  body_invalid: invalid(
    'The body is not the form or the JSON that its Content-Type promises, or a limit of it is exceeded.',
    ({ param, detail }) => (param ? `Invalid ${param}: ${detail}.` : `Invalid request body: ${detail}.`),
  ),
  body_too_large: invalid(
    'The body is larger than 32 KB. Send less.',
    () => 'The request body is too large: at most 32 KB are read.',
    413,
  ),
  card_number_refused: invalid(
    'A text holds what looks like a card number. Card numbers belong in the card form alone; send a reference instead.',
    (fault) => `Invalid ${named(fault)}: it looks like a card number, which may not be stored here.`,
  ),
  content_encoding_unsupported: invalid(
    'The body is compressed. Send it as it is.',
    () => 'Compressed request bodies are not read. Send the body without Content-Encoding.',
    415,
  ),
  content_type_unsupported: invalid(
    'The body is neither `application/x-www-form-urlencoded` nor `application/json`, in UTF-8.',
    () =>
      'Send the body as application/x-www-form-urlencoded or application/json, in UTF-8, and say so in Content-Type.',
    415,
  ),
  door_closed: invalid(
    'The account has closed this API for its keys: its setting `doors` names others.',
    ({ detail }) =>
      `This account does not use the ${detail} API. Name it in the account's setting doors, or use an API that is named there.`,
    403,
  ),
  email_invalid: invalid('The text is no email address.', ({ detail }) => `Invalid email address: ${detail ?? ''}`),
  expand_invalid: invalid(
    'A path in `expand` names a field that cannot be expanded, or is deeper than four levels.',
    ({ detail }) => `This property cannot be expanded (${detail ?? ''}).`,
  ),
  feed_beyond_end: invalid(
    'No event has the number in `after` yet. Use the last number that you read; 0 begins with the first event.',
    ({ detail }) => `No event has the number ${detail}. Use the last number that you have read.`,
  ),
  feed_not_kept: invalid(
    'The events after this number are not kept any more. Read the objects that you know, then begin at the number named.',
    ({ detail }) => `The events after this number are not kept any more. The first that is kept is ${detail}.`,
    410,
  ),
  headers_too_large: invalid(
    'The request’s headers are larger than 8 KB.',
    () => 'The request headers are too large: at most 8 KB are read.',
    431,
  ),
  idempotency_key_invalid: invalid(
    'An Idempotency-Key is one header of 1 to 255 printable ASCII characters; a UUID is a good one.',
    ({ detail }) => `Invalid Idempotency-Key: ${detail ?? 'it must be 1 to 255 printable ASCII characters'}.`,
  ),
  internal_error: {
    status: 500,
    type: 'api_error',
    about: 'Something failed on our side. Repeat the request with the same Idempotency-Key; name the request id to us.',
    text: () => 'Something went wrong on our side. Repeating the request with the same Idempotency-Key is safe.',
  },
  metadata_too_many_keys: invalid(
    'An object holds at most 50 metadata keys. Unset some with an empty value.',
    (fault) => `Invalid ${named(fault)}: at most 50 keys can be set on an object.`,
  ),
  overloaded: {
    status: 503,
    type: 'api_error',
    about: 'Too many requests wait for the database. Repeat after the Retry-After header’s seconds, with the same key.',
    text: () => 'The server is busy. Repeat the request in a moment with the same Idempotency-Key.',
  },
  parameter_invalid_array: invalid('A list was expected.', (fault) => `Invalid array: ${named(fault)} must be a list.`),
  parameter_invalid_boolean: invalid(
    '`true` or `false` was expected.',
    ({ detail }) => `Invalid boolean: ${detail ?? ''} (give true or false)`,
  ),
  parameter_invalid_empty: invalid(
    'The parameter is an empty string, and it cannot be unset. Send a value or leave it out.',
    ({ param }) =>
      `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; ` +
      `however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
  ),
  parameter_invalid_integer: invalid(
    'A whole number was expected: digits alone in a form, a plain number in JSON.',
    ({ detail }) => `Invalid integer: ${detail ?? ''}`,
  ),
  parameter_invalid_number: invalid('A number was expected.', ({ detail }) => `Invalid number: ${detail ?? ''}`),
  parameter_invalid_object: invalid(
    'Named members were expected, such as `address[city]`.',
    (fault) => `Invalid object: ${named(fault)} must have named members.`,
  ),
  parameter_invalid_range: invalid(
    'The number is outside of what this parameter allows; the message says the range.',
    (fault) => `Invalid ${named(fault)}: ${fault.detail ?? 'it is out of range'}.`,
  ),
  parameter_invalid_string: invalid(
    'The text holds something that cannot be stored, such as control characters, or has another form than needed.',
    (fault) => `Invalid string: ${named(fault)} ${fault.detail ?? 'must be text'}.`,
  ),
  parameter_not_supported_yet: invalid(
    'Stripe has this parameter or value; this server does not have it yet. Leave it out.',
    (fault) =>
      fault.detail === undefined
        ? `${named(fault)} is not available yet. Remove it from the request.`
        : `${named(fault)}=${fault.detail} is not available yet. Use another value, or leave it out.`,
  ),
  parameter_too_long: invalid(
    'The text is longer than this parameter allows; the message says the limit.',
    (fault) => `Invalid string: ${named(fault)} must be ${fault.detail ?? 'shorter'}.`,
  ),
  parameter_unknown: invalid(
    'No parameter of this name is known here. Check its spelling.',
    ({ param, detail }) => `Received unknown parameter: ${param}${detail ? `. ${detail}` : ''}`,
  ),
  parameters_exclusive: invalid(
    'Two parameters exclude each other. Send one of them.',
    ({ detail, param }) => `You may only specify one of these parameters: ${detail ?? param}.`,
  ),
  receipt_not_asked_for: invalid(
    'The session was made without `signed_receipt=true`, so it has no receipts. Read the session or its outcome instead.',
    () => 'The session was made without signed_receipt=true, so it has no receipts.',
  ),
  request_malformed: invalid(
    'The request is not HTTP/1.1 as we take it: one Host header, a target that begins with a slash, no odd framing.',
    ({ detail }) => `The request was refused: ${detail ?? 'it is not well-formed HTTP'}.`,
  ),
  request_timeout: invalid(
    'The request did not arrive whole in time. Repeat it with the same key.',
    () => 'The request did not arrive in time.',
    408,
  ),
  search_query_invalid: invalid(
    'The search query cannot be read; the message says where. Clauses are `field:"value"`, joined by AND or by OR.',
    ({ detail }) => `We were unable to parse your search query: ${detail ?? 'it is not well-formed'}.`,
  ),
  origin_refused: invalid(
    'A browser sent the request from a page of another origin.',
    () => 'This call is taken from pages of this server alone.',
    403,
  ),
  last_key: invalid(
    'The last key that is not revoked cannot be revoked here: nobody could sign in any more.',
    () => 'This is the last key. Make another one before you revoke it.',
  ),
  too_many_keys: invalid(
    'An account has at most 500 keys that are not revoked. Revoke one that is not used.',
    () => 'This account has 500 keys that are not revoked. Revoke one that is not used any more.',
  ),
  secret_key_required: invalid(
    'The key is a publishable one, which browsers may know. This call needs the secret key.',
    () => 'This API call cannot be made with a publishable API key. Please use a secret API key.',
    403,
  ),
  too_many_requests: invalid(
    'The key has asked more often than this API allows within a minute.',
    ({ detail }) => `Too many requests. Wait ${detail ?? '60'} seconds, then go on.`,
    429,
  ),
  too_many_waiting: invalid(
    'Too many of the account’s requests wait at this moment. Let some of them end, or ask without `wait`.',
    ({ detail }) =>
      `At most ${detail ?? 'so many'} requests of an account can wait at a time. Let some of them end first.`,
    429,
  ),
  url_invalid: invalid(
    'The text is no absolute URL.',
    (fault) => `Not a valid URL: ${named(fault)} must be an https URL.`,
  ),
  url_unknown: invalid(
    'No such path, or not with this method. Check both; not everything that Stripe has is built here yet.',
    ({ detail }) =>
      `Unrecognized request URL (${detail ?? ''}). Check the method and the path` +
      `${detail?.includes(': /v1/') ? '; not everything that Stripe has is built here yet.' : '.'}`,
    404,
  ),
} satisfies Readonly<Record<string, ErrorRow>>
