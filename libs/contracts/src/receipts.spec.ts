import { ReceiptRequest, VerifierReport } from './index.js';

/** Messages as the first release writes them. Its readers refuse unknown members. */
const PUBLISHED = [
  ['a report', VerifierReport, { through: 7 }],
  ['a report before the first revocation', VerifierReport, { through: -1 }],
  ['a last report', VerifierReport, { through: 7, leaving: true }],
  ['a request', ReceiptRequest, { serial: 7, withinMilliseconds: 250 }],
  ['a request for an immediate report', ReceiptRequest, { serial: 0, withinMilliseconds: 0 }],
] as const;

describe('a message of another release', () => {
  it.each(PUBLISHED)('is read as the first release wrote it: %s', (_, schema, sent) => {
    expect(schema.parse(sent)).toEqual(sent);
  });

  it.each(PUBLISHED)('has the same meaning with unknown members: %s', (_, schema, sent) => {
    for (const more of [{ more: 1 }, { more: null }, { 'urn:other': {} }])
      expect(schema.parse({ ...sent, ...more })).toEqual(sent);
  });

  it.each(PUBLISHED)('is read with version 1 and refused with any other: %s', (_, schema, sent) => {
    expect(schema.safeParse({ ...sent, version: 1 }).success).toBe(true);
    for (const version of [0, 2, '1', null, true, {}])
      expect(schema.safeParse({ ...sent, version }).success).toBe(false);
  });
});
