/** One model of every screen, for looking at and for the page's tests. */
import type { BuiltAssets } from '../../src/checkout/assets.ts'
import type { PageMoney } from '../../src/checkout/format-money.ts'
import type { PageModel, Shell, Visit, VisitScreen } from '../../src/checkout/model.ts'
import type { FormScreen } from '../../src/checkout/screens/form.ts'
import type { Appearance } from '../../src/core/appearance.ts'
import { TEST_CARD_GROUPS } from '../../src/test-cards.ts'

export const NONCE = 'dGVzdC1ub25jZQ'
const eur = (minor: bigint): PageMoney => ({ minor, currency: 'EUR', exponent: 2 })

export function shell(assets: BuiltAssets): Shell {
  return {
    locale: 'en',
    cspNonce: NONCE,
    testMode: true,
    testCardsUrl: '/c/test-cards',
    assets: { css: assets.css, scriptUrl: `/c/assets/${assets.scriptName}`, scriptIntegrity: assets.scriptIntegrity },
  }
}

export const VISIT: Visit = {
  merchant: {
    displayName: 'Halden Coffee',
    domain: 'haldencoffee.example',
    supportEmail: 'hello@haldencoffee.example',
    termsUrl: 'https://haldencoffee.example/terms',
    privacyUrl: 'https://haldencoffee.example/privacy',
  },
  selfUrl: '/c/pay/cs_test_example',
  waitUrl: '/c/pay/cs_test_example?wait=1',
  stateUrl: '/c/pay/cs_test_example/state',
}

export const FORM: FormScreen = {
  kind: 'form',
  amount: eur(2400n),
  lineItems: [
    {
      name: 'House blend, 250 g',
      description: 'Whole beans',
      quantity: 2,
      unitAmount: eur(900n),
      totalAmount: eur(1800n),
    },
    { name: 'Paper filters', quantity: 1, unitAmount: eur(600n), totalAmount: eur(600n) },
  ],
  submitType: 'auto',
  customText: {},
  payUrl: '/c/pay/cs_test_example',
  attempt: 'attempt-1',
  fields: { email: true, phone: false, billing: 'none', custom: [] },
  brands: ['visa', 'mastercard', 'amex', 'discover', 'diners', 'jcb', 'unionpay'],
  testNumbers: ['4991001823456701'],
  today: { month: 9, year: 2026 },
  values: {},
  errors: {},
  cancel: { href: 'https://haldencoffee.example/cart' },
  secondsLeft: 86_400,
}

const LIVE_FORM: FormScreen = {
  ...FORM,
  fields: { ...FORM.fields, email: false },
  customerEmail: 'ada@example.com',
}

const COUNTRY_FORM: FormScreen = { ...FORM, fields: { ...FORM.fields, billing: 'postcode' } }

const FULL_FORM: FormScreen = {
  ...FORM,
  submitType: 'book',
  customText: {
    submit: 'We roast on **Tuesdays** and ship the day after.',
    shippingAddress: 'We deliver to your door, not to parcel lockers.',
    termsOfService: 'By paying you agree to the terms of Halden Coffee.',
  },
  fields: {
    email: true,
    phone: true,
    billing: 'full',
    shippingCountries: ['DE', 'NO', 'SE'],
    custom: [
      {
        key: 'grind',
        label: 'Grind',
        type: 'dropdown',
        optional: false,
        options: [{ value: 'whole', label: 'Whole beans' }],
      },
      { key: 'engraving', label: 'Name on the bag', type: 'text', optional: true, maximumLength: 40 },
      { key: 'floor', label: 'Floor', type: 'numeric', optional: true },
    ],
  },
  cancel: { action: '/c/pay/cs_test_example/cancel' },
  sameAddress: true,
}

const TWO_ADDRESSES_FORM: FormScreen = { ...FULL_FORM, sameAddress: false }

const ERROR_FORM: FormScreen = {
  ...COUNTRY_FORM,
  values: { email: 'ada@example', cardExpiry: '13 / 28', billingName: 'Ada Lovelace', billingCountry: 'DE' },
  errors: {
    email: 'email_wrong',
    cardNumber: 'number_wrong',
    cardExpiry: 'expiry_month',
    cardCvc: 'code_empty',
    billingPostalCode: 'postcode_empty',
  },
}

const LONG_FORM: FormScreen = {
  ...FORM,
  amount: { minor: 9_999_999_999_999n, currency: 'IDR', exponent: 2 },
  lineItems: [
    {
      name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft membership, lifetime',
      description: 'مرحبا بالعالم with a description that goes on for longer than one would think wise on any phone',
      quantity: 12,
      unitAmount: { minor: 833_333_333_333n, currency: 'IDR', exponent: 2 },
      totalAmount: { minor: 9_999_999_999_999n, currency: 'IDR', exponent: 2 },
    },
  ],
}

const LONG_VISIT: Visit = {
  ...VISIT,
  merchant: { ...VISIT.merchant, displayName: 'Rechtsanwaltskanzleigemeinschaftspraxis von der Heide & Söhne' },
}

const EXTRAS_FORM: FormScreen = {
  ...FORM,
  amount: eur(2784n),
  lineItems: [
    ...FORM.lineItems,
    { name: 'Delivery', kind: 'shipping', quantity: 1, unitAmount: eur(240n), totalAmount: eur(240n) },
    { name: 'Tax', kind: 'tax', quantity: 1, unitAmount: eur(144n), totalAmount: eur(144n) },
  ],
}

/** As loud as a shop may be, in colors of which half cannot be read on one another. */
export const LOUD: Appearance = {
  primaryColor: '#ff1493',
  primaryHoverColor: '#c71585',
  secondaryColor: '#ffd700',
  backgroundColor: '#fff8dc',
  textColor: '#ffe4b5',
  borderColor: '#ffb6c1',
  buttonBackgroundColor: '#00ff7f',
  buttonTextColor: '#ffffff',
  inputBackgroundColor: '#191970',
  inputBorderColor: '#fafad2',
  inputFocusBorderColor: '#ff4500',
  pageBackground: '#4b0082',
  borderRadius: 'full',
  fontFamily: ['Georgia', 'serif'],
  fontSize: 'lg',
  cancelButtonText: 'Take me back',
  cancelButtonTextColor: '#ffff00',
  cancelButtonBackgroundColor: '#ffffe0',
  hideBranding: true,
}

const PAID = {
  kind: 'paid',
  seen: 'first',
  captured: true,
  submitType: 'auto',
  amount: eur(2400n),
  at: new Date('2026-09-14T12:03:00Z'),
  reference: 'pi_0000001T0QkJ9SgkP6h1tn3mY4x',
  card: { brand: 'visa', last4: '4242' },
  receiptEmail: 'ada@example.com',
  returnUrl: 'https://haldencoffee.example/thanks',
} as const

const OVER = { amount: eur(2400n), nothingTaken: true, returnUrl: 'https://haldencoffee.example/cart' } as const

/** Named for the screens of the specification. */
export function pageModels(assets: BuiltAssets): ReadonlyMap<string, PageModel> {
  const base = shell(assets)
  const at = { ...base, visit: VISIT }
  const show = (screen: VisitScreen): PageModel => ({ ...at, screen })
  const models: Record<string, PageModel> = {
    '02-form': show(FORM),
    '02-form-live': { ...at, testMode: false, screen: LIVE_FORM },
    '02-form-postcode': show(COUNTRY_FORM),
    '02-form-full': show(FULL_FORM),
    '02-form-two-addresses': show(TWO_ADDRESSES_FORM),
    '02-form-long': { ...base, visit: LONG_VISIT, screen: LONG_FORM },
    '02-form-colors': { ...base, testMode: false, visit: { ...VISIT, appearance: LOUD }, screen: FULL_FORM },
    '02-form-extras': show(EXTRAS_FORM),
    '03-form-errors': show(ERROR_FORM),
    '04-form-decline': show({ ...FORM, notice: 'bank', values: { email: 'ada@example.com' } }),
    '04-form-cvc': show({ ...FORM, notice: 'details', errors: { cardCvc: 'code_declined' } }),
    '04-form-verify': show({ ...FORM, notice: 'verify' }),
    '05-processing': show({ kind: 'processing', amount: eur(2400n), refreshSeconds: 3 }),
    '07-challenge': show({
      kind: 'challenge',
      amount: eur(2400n),
      bank: { action: 'https://acs.example/challenge/1', fields: { creq: 'e30' } },
      abandon: { action: '/c/pay/cs_test_example/abandon', attempt: 'attempt-2' },
    }),
    '06-device-check': show({
      kind: 'device_check',
      amount: eur(2400n),
      bank: { action: 'https://acs.example/challenge/1', fields: { creq: 'e30' } },
      frameUrl: 'about:blank',
      goOnUrl: '/c/pay/cs_test_example/go-on',
    }),
    '07-returned': show({ kind: 'returned', framed: true }),
    '07-hand-off': {
      ...base,
      screen: { kind: 'hand_off', bank: { action: 'https://acs.example/challenge/1', fields: { creq: 'e30' } } },
    },
    '07-handed-back': { ...base, screen: { kind: 'handed_back', returnUrl: 'https://haldencoffee.example/thanks' } },
    '07-handed-back-for-good': { ...base, screen: { kind: 'handed_back' } },
    '10-failed-colors': {
      ...at,
      visit: { ...VISIT, appearance: LOUD },
      screen: { kind: 'failed', because: 'tries', ...OVER },
    },
    '08-confirming': show({ kind: 'confirming', amount: eur(2400n), reference: PAID.reference }),
    '09-paid': show(PAID),
    '09-authorized': show({ ...PAID, captured: false, afterSubmit: 'See you on Tuesday.' }),
    '10-failed': show({ kind: 'failed', because: 'tries', ...OVER }),
    '11-canceled': show({ kind: 'canceled', resumeUrl: '/c/pay/cs_test_example', ...OVER }),
    '12-closed': show({ kind: 'closed', ...OVER }),
    '13-expired': show({ kind: 'expired', ...OVER }),
    '13-expired-for-good': show({ kind: 'expired', amount: eur(2400n), nothingTaken: true }),
    '14-already-authorized': show({ ...PAID, captured: false, seen: 'opened_again' }),
    '14-already-paid': show({ ...PAID, seen: 'opened_again' }),
    '15-elsewhere': {
      ...at,
      screen: { kind: 'elsewhere', amount: eur(2400n) },
    },
    '16-not-found': { ...base, testMode: false, screen: { kind: 'not_found' } },
    '18-unavailable': show({ kind: 'unavailable', incident: 'req_8sJd03kLmQ', ...OVER }),
    '20-error': {
      ...base,
      testMode: false,
      screen: {
        kind: 'error',
        code: 'SYSTEM_ERROR',
        text: 'The bank’s line is down.',
        returnUrl: 'https://haldencoffee.example/cart',
      },
    },
    '20-error-for-good': { ...base, testMode: false, screen: { kind: 'error' } },
    'test-cards': {
      ...base,
      screen: {
        kind: 'test_cards',
        backUrl: '/c/pay/cs_test_example',
        groups: TEST_CARD_GROUPS,
      },
    },
  }
  return new Map(Object.entries(models))
}
