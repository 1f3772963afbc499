/** The whole design of the issuer's pages: calm, and whole in the smallest window of 3-D Secure, 250 by 400 pixels. */
export const ACS_STYLE = `
:root { color-scheme: light dark; --bg: #fff; --text: #1b2230; --muted: #566074; --line: #dfe3ea; --edge: #7b8598;
  --accent: #24477f; --on-accent: #fff; --danger: #a8201a; --danger-soft: #fdf0ef; --test: #fff1c9; --on-test: #553f00 }
@media (prefers-color-scheme: dark) { :root { --bg: #12161f; --text: #e8ebf1; --muted: #a8b1c2; --line: #2a3140;
  --edge: #78839a; --accent: #a9c5f5; --on-accent: #0e1f3d; --danger: #ffa49b; --danger-soft: #321b1a; --test: #3a2e0d;
  --on-test: #f5dc94 } }
*, ::before, ::after { box-sizing: border-box }
[hidden][hidden] { display: none }
body { margin: 0; background: var(--bg); color: var(--text); font: 1rem/1.45 system-ui, -apple-system, "Segoe UI",
  Roboto, sans-serif; font-variant-numeric: tabular-nums }
header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; justify-content: space-between;
  padding: .5rem 1rem; border-block-end: 1px solid var(--line); font-weight: 600 }
.test { padding: 0 .5rem; border-radius: 1rem; background: var(--test); color: var(--on-test); font-size: .8125rem;
  font-weight: 500 }
main { max-inline-size: 26rem; margin-inline: auto; padding: .5rem 1rem .75rem }
h1 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.25 }
p { margin: 0 0 .75rem }
dl { margin: 0 0 1rem; border-block: 1px solid var(--line); padding-block: .5rem }
dl div { display: flex; gap: 1rem; justify-content: space-between }
dt { color: var(--muted) }
dd { margin: 0; text-align: end; overflow-wrap: anywhere; min-inline-size: 0 }
.reference { font-size: .8125rem }
dl div { align-items: baseline }
.sum dd { font-weight: 650 }
label { display: block; font-weight: 600 }
input[name=code] { inline-size: 100%; min-block-size: 2.75rem; margin-block: .25rem; padding: .25rem .75rem;
  border: 1px solid var(--edge); border-radius: .5rem; background: var(--bg); color: inherit; font: inherit;
  font-size: 1.25rem; letter-spacing: .15em }
input[aria-invalid] { border-color: var(--danger) }
.hint { color: var(--muted); font-size: .875rem }
.alert { padding: .5rem .75rem; border-inline-start: 4px solid var(--danger); background: var(--danger-soft) }
button { display: block; inline-size: 100%; min-block-size: 2.75rem; margin-block-start: .5rem; padding: .5rem 1rem;
  border: 1px solid var(--accent); border-radius: .5rem; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 600; cursor: pointer }
.acts { display: flex; flex-wrap: wrap; gap: 0 .5rem }
.acts button { flex: 1 1 auto; inline-size: auto; padding-inline: .5rem }
.acts .quiet { flex-grow: 0 }
.quiet { background: none; color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
@media (max-width: 19rem) {
  body { font-size: .875rem }
  header, main { padding: .25rem .75rem }
  h1 { margin-block-end: .25rem; font-size: 1rem }
  p { margin-block-end: .5rem }
  dl { margin-block-end: .5rem; padding-block: .25rem }
  .test, .hint, .reference { font-size: .75rem }
  .hint { margin-block-end: 0 }
}
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap }
`
