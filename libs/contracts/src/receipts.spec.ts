import { ReceiptRequest, VerifierReport } from './index.js';

/** What the first release writes, whose readers refuse any other member. */
const PUBLISHED = [
  ['a report', VerifierReport, { through: 7 }],
  ['a report before anything is known', VerifierReport, { through: -1 }],
  ['a last report', VerifierReport, { through: 7, leaving: true }],
  ['a request', ReceiptRequest, { serial: 7, withinMilliseconds: 250 }],
  ['a request for a report at once', ReceiptRequest, { serial: 0, withinMilliseconds: 0 }],
] as const;

describe('between two releases', () => {
  it.each(PUBLISHED)('%s is read as the first release wrote it', (_, schema, sent) => {
    expect(schema.parse(sent)).toEqual(sent);
  });

  it.each(PUBLISHED)('%s means the same with unknown members', (_, schema, sent) => {
    for (const more of [{ more: 1 }, { more: null }, { 'urn:other': {} }])
      expect(schema.parse({ ...sent, ...more })).toEqual(sent);
  });

  it.each(PUBLISHED)('%s is read in version 1 and refused in any other', (_, schema, sent) => {
    expect(schema.safeParse({ ...sent, version: 1 }).success).toBe(true);
    for (const version of [0, 2, '1', null, true, {}])
      expect(schema.safeParse({ ...sent, version }).success).toBe(false);
  });
});
