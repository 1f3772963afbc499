import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds wrong. Its source goes in by the debugger, which the page's policy does not bind. */
export function judge(page: Page): Promise<unknown> {
  return page.evaluate(`${axe.source}; axe.run(document, { resultTypes: ['violations'] }).then((report) =>
    report.violations.map((rule) => rule.id + ': ' + rule.nodes.map((node) => node.target + ' ' + node.failureSummary)))`)
}
