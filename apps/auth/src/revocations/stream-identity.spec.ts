import {
  ForeignStreamError,
  identityMetadata,
  requireOwnStream,
  serialsAbove,
  serialsAboveMetadata,
} from './stream-identity.js';

const record = { epoch: 'e1', issuer: 'https://auth.test', recordId: 'r1' };
const other = { epoch: 'e2', issuer: 'https://other.test', recordId: 'r2' };
const stream = (metadata: Record<string, string> | undefined, created = 'monday') => ({
  config: metadata ? { metadata } : {},
  created,
});
const ours = identityMetadata(record);
const olderRelease = (epoch: string) => ({ 'latchkey-epoch': epoch });

describe('requireOwnStream', () => {
  it.each([
    ['names this record', stream(ours), record],
    ['names this record and an older epoch', stream({ ...ours, 'latchkey-epoch': 'e0' }), record],
    ['was filled by an older release', stream(olderRelease('e1')), record],
    [
      'was filled by an older release before an epoch was lost',
      stream(olderRelease('e0')),
      { ...record, created: 'sunday' },
    ],
    ['has lost its metadata', stream({}), { ...record, created: 'monday' }],
    ['has no metadata any more', stream(undefined), { ...record, created: 'monday' }],
  ])('accepts a stream that %s', (_, found, known) => {
    expect(() => requireOwnStream(found, known)).not.toThrow();
  });

  it.each([
    ['of another issuer', stream({ ...ours, 'latchkey-issuer': other.issuer }), record],
    ['of another database', stream({ ...ours, 'latchkey-record': other.recordId }), record],
    ['of another environment', stream(identityMetadata(other)), record],
    [
      'that another environment took over',
      stream(identityMetadata(other)),
      { ...record, created: 'monday' },
    ],
    ['that Latchkey did not create', stream({ team: 'sales' }), record],
    ['without metadata', stream(undefined), { ...record, created: 'sunday' }],
    ['of an older release for another database', stream(olderRelease('e2')), record],
  ])('refuses a stream %s', (_, found, known) => {
    expect(() => requireOwnStream(found, known)).toThrow(ForeignStreamError);
  });
});

describe('serialsAbove', () => {
  it('reads back the serial that was written', () => {
    expect(serialsAbove({ metadata: serialsAboveMetadata(1_800_000_000_123) })).toBe(
      1_800_000_000_123,
    );
  });

  it.each(['', 'x', '-1e400', '1e400', '9007199254740992', '4503599627370496', '1.5'])(
    'is 0 if the metadata says %j',
    (text) => {
      expect(serialsAbove({ metadata: { 'latchkey-serials-above': text } })).toBe(0);
    },
  );

  it('is 0 without metadata', () => {
    expect(serialsAbove({})).toBe(0);
  });
});
