import { comparePage } from '../compare/compare-page.js';
import { outagePage } from '../outage/outage-page.js';
import { revokePage } from '../revoke/revoke-page.js';
import { scalePage } from '../scale/scale-page.js';
import type { Run } from './run.js';
import type { Section } from './section.js';

/** What a reader sees of a run. */
export function sectionOf(run: Run): Section {
  switch (run.experiment) {
    case 'compare':
      return comparePage(run.report);
    case 'scale':
      return scalePage(run.report);
    case 'revoke':
      return revokePage(run.report);
    case 'outage':
      return outagePage(run.report);
  }
}
