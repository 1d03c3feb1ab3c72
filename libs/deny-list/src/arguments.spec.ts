import type { Revocation } from '@latchkey/contracts';
import { DenyList, type DenyListOptions, type TokenIdentity } from './index.js';

const ISSUER = 'https://auth.test';
const REVOCATION = {
  kind: 'subject',
  id: '0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11',
  issuer: ISSUER,
  subject: 'ada',
  before: 1_800_000_000,
  revokedAt: 1_800_000_000,
  expiresAt: 1_800_000_300,
  trigger: 'logout_everywhere',
} satisfies Revocation;
const WATERMARK = {
  issuer: ISSUER,
  timeMilliseconds: 1_800_000_000_000,
  serials: { from: 1, through: 0 },
  revokedKeys: [],
};
const TOKEN: TokenIdentity = {
  issuer: ISSUER,
  subject: 'ada',
  issuedAt: 1_799_999_999,
  keyId: 'k',
};
const NO_NUMBER = [NaN, Infinity, -1, '1800000300', null, undefined];

/** Calls the method with an argument that is invalid on purpose. */
const refusal = (call: (list: DenyList) => unknown): unknown => {
  try {
    call(new DenyList());
    return undefined;
  } catch (error) {
    return error;
  }
};
const typeError = (message: string): unknown =>
  expect.objectContaining({
    name: 'TypeError',
    message: expect.stringContaining(message) as string,
  });

describe('the options of a DenyList', () => {
  it.each([NaN, Infinity, -1, '5', null])('rejects a clockToleranceSeconds of %p', (value) => {
    const options = { clockToleranceSeconds: value } as DenyListOptions;
    expect(() => new DenyList(options)).toThrow(
      /^clockToleranceSeconds must be a finite, non-negative number of seconds; it is /,
    );
  });

  it('accepts a tolerance of 0, and undefined for each default', () => {
    expect(new DenyList({ clockToleranceSeconds: 0 }).size).toBe(0);
    const none = { clockToleranceSeconds: undefined, now: undefined, monotonicNow: undefined };
    expect(new DenyList(none as never).stalenessSeconds(ISSUER)).toBe(Infinity);
  });

  it.each(['now', 'monotonicNow'])('rejects a %s that is not a function', (name) => {
    expect(() => new DenyList({ [name]: 5 })).toThrow(
      new TypeError(`${name} must be a function; it is 5`),
    );
  });
});

describe('the arguments of a DenyList', () => {
  it.each(NO_NUMBER)('rejects a time of %p', (time) => {
    const revocation = (more: object) => ({ ...REVOCATION, ...more }) as Revocation;
    const watermark = (more: object) => ({ ...WATERMARK, ...more });
    const keys = { revokedKeys: [{ keyId: 'k', expiresAt: time }] };
    const cases: [string, (list: DenyList) => unknown][] = [
      ['expiresAt', (list) => list.apply(revocation({ expiresAt: time }))],
      ['before', (list) => list.apply(revocation({ before: time }))],
      ['timeMilliseconds', (list) => list.applyWatermark(watermark({ timeMilliseconds: time }))],
      ['revokedKeys[].expiresAt', (list) => list.applyWatermark(watermark(keys))],
      ['withinMilliseconds', (list) => list.waitForSerial(ISSUER, 1, time as number)],
    ];
    for (const [name, call] of cases) expect(refusal(call)).toEqual(typeError(`${name} must be`));
  });

  it.each([NaN, Infinity, 0.5, '1'])('rejects a serial number of %p', (serial) => {
    const watermark = (serials: object) => ({ ...WATERMARK, serials }) as typeof WATERMARK;
    const counts = { session: serial, token: 0, subject: 0, client: 0, key: 0 } as never;
    const cases: [string, (list: DenyList) => unknown][] = [
      ['serial', (list) => list.apply(REVOCATION, serial as never)],
      ['serials.from', (list) => list.applyWatermark(watermark({ from: serial, through: 1 }))],
      ['serials.through', (list) => list.applyWatermark(watermark({ from: 1, through: serial }))],
      ['serial', (list) => list.waitForSerial(ISSUER, serial as never, 1)],
      ['counts.session', (list) => list.reserve(ISSUER, counts)],
    ];
    for (const [name, call] of cases) expect(refusal(call)).toEqual(typeError(`${name} must be`));
  });

  it.each([
    ['issuer', undefined, 'a non-empty string; it is missing'],
    ['subject', undefined, 'a string; it is missing'],
    ['keyId', 5, 'a string; it is 5'],
    ['issuedAt', NaN, 'a time in seconds since 1970; it is NaN'],
    ['issuedAt', '1800000000', 'a time in seconds since 1970; it is the string "1800000000"'],
  ])('rejects a token whose %s is %p', (name, value, message) => {
    const token = { ...TOKEN, [name]: value } as never;
    const expected = typeError(`token.${name} must be ${message}`);
    expect(refusal((list) => list.isRevoked(token))).toEqual(expected);
    expect(refusal((list) => list.prepare(token))).toEqual(expected);
  });

  it('accepts a token without names, and one that was issued after every revocation', () => {
    const list = new DenyList();
    list.apply(REVOCATION);
    expect(list.isRevoked({ ...TOKEN, subject: '', keyId: '' })).toBe(false);
    expect(list.isRevoked({ ...TOKEN, issuedAt: Infinity })).toBe(false);
    expect(list.isRevoked(TOKEN)).toBe(true);
  });

  it('rejects an empty issuer', () => {
    expect(refusal((list) => list.apply({ ...REVOCATION, issuer: '' }))).toEqual(
      typeError('issuer must be a non-empty string; it is an empty string'),
    );
  });

  it('changes nothing when it rejects a watermark', () => {
    const list = new DenyList();
    const invalid = { ...WATERMARK, timeMilliseconds: NaN };
    expect(() => list.applyWatermark(invalid)).toThrow(TypeError);
    expect(list.stalenessSeconds(ISSUER)).toBe(Infinity);
    expect(list.appliedThrough(ISSUER)).toBe(-1);
  });
});
