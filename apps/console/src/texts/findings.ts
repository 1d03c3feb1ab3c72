import type { CheckState } from '@latchkey/inspector';

export const findings = {
  claims: 'Claims',
  header: 'Header',
  unprotected: 'Unprotected header',
  signature: 'Signature',
  payload: 'Payload',
  explained: 'Explained',
  json: 'JSON',
  view: 'How to show it',
  checks: 'Checks',
  showWhy: 'Show why each matters',
  hideWhy: 'Hide why each matters',
  warnings: 'Warnings',
  states: {
    passed: 'Passed',
    failed: 'Failed',
    not_checked: 'Not checked',
  } satisfies Record<CheckState, string>,
  counts: (passed: number, failed: number, notChecked: number) =>
    `${passed} passed, ${failed} failed, ${notChecked} not checked`,
  duplicate: 'The name occurs twice',
  noValue: 'There is no value here',
  own: 'Not a registered name: ask the issuer what it means.',
  noMembers: 'It is empty.',
  moreMembers: (count: number) => `Show ${count.toLocaleString('en')} more`,
  object: (count: number) =>
    `{ ${count.toLocaleString('en')} ${count === 1 ? 'member' : 'members'} }`,
  array: (count: number) => `[ ${count.toLocaleString('en')} ${count === 1 ? 'item' : 'items'} ]`,
  openNested: 'Open this token',
  notJson: 'It is not JSON.',
  fault: 'Here',
  noSignature: 'There is none.',
  signedWith: 'It fits this key:',
} as const;
