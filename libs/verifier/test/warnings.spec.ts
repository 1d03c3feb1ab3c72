import { jest } from '@jest/globals';
import type { TokenOverrides } from '@latchkey/testing';
import {
  createVerifier,
  type RevocationCheck,
  type TokenErrorCode,
  type VerifierUnavailableCode,
} from '../src/index.js';
import { encode, ISSUER, makeFixture, type Fixture } from './verifier-fixture.js';

interface Case {
  readonly options?: Parameters<typeof makeFixture>[0];
  readonly token?: TokenOverrides | ((fixture: Fixture) => Promise<string>);
  /** The expected warning. Undefined if the failure says nothing about the configuration. */
  readonly line?: RegExp;
}
type Code = TokenErrorCode | VerifierUnavailableCode;

const nowSeconds = Math.floor(Date.now() / 1000);
const list: RevocationCheck = {
  loaded: true,
  isRevoked: () => false,
  stalenessSeconds: () => 60,
};
const compared = (clockOffsetSeconds: number) => ({
  revocations: { ...list, clockOffsetSeconds: () => clockOffsetSeconds },
  whenStale: 'accept' as const,
});
const rejected = (advice: string) =>
  new RegExp(`^@latchkey/verifier: A token was rejected: ${advice}`);

/** The warning for each code. The type requires an entry for a new code. */
const CASES = {
  untrusted_issuer: {
    token: { claims: { iss: 'https://other.test' } },
    line: rejected(`its iss is not ${ISSUER}\\. Compare the option \`issuer\``),
  },
  wrong_audience: {
    options: { audience: 'payments' },
    line: rejected('its aud does not contain payments\\. Check the option `audience`'),
  },
  wrong_type: {
    token: { header: { typ: 'JWT' } },
    line: rejected('its typ is not at\\+jwt\\. Check the option `tokenTypes`'),
  },
  wrong_algorithm: {
    token: { header: { alg: 'PS256' } },
    line: rejected('its alg is not that of its key\\. The verifier supports RS256 only: check'),
  },
  unknown_key: {
    token: { kid: 'another' },
    line: rejected(`the key set does not contain its kid\\. Check .* come from ${ISSUER}`),
  },
  lifetime_too_long: {
    options: { maxLifetimeSeconds: 60 },
    line: rejected('its lifetime exceeds 60 s\\. Check the option `maxLifetimeSeconds`'),
  },
  not_yet_valid: {
    token: { issuedAt: nowSeconds + 600 },
    line: rejected("it is not valid yet by this machine's clock\\. Synchronize"),
  },
  sender_constrained: {
    token: { claims: { cnf: { jkt: 'a' } } },
    line: rejected('it is bound to a key .* Configure the issuer to issue bearer tokens'),
  },
  clock_behind: {
    options: compared(600),
    token: { issuedAt: nowSeconds + 600 },
    line: /^@latchkey\/verifier: A token could not be verified: .* which is behind\. Synchronize/,
  },
  clock_ahead: {
    options: compared(-600),
    token: { issuedAt: nowSeconds - 600, expiresAt: nowSeconds - 300 },
    line: /^@latchkey\/verifier: A token could not be verified: .* which is ahead\. Synchronize/,
  },
  introspection_unavailable: {
    options: {
      revocations: list,
      whenStale: 'ask',
      introspection: { introspect: () => Promise.reject(new Error('no response')) },
    },
    line: /^@latchkey\/verifier: Introspection failed: no response\. Check/,
  },
  keys_unreachable: {
    options: { keys: () => Promise.reject(new Error('no response')) },
    line: /^@latchkey\/verifier: The key set of \S+ could not be loaded: no response\. Check the option `keys`/,
  },
  // Any client can cause these, and no option does.
  too_large: { token: () => Promise.resolve('a'.repeat(100_000)) },
  malformed: { token: () => Promise.resolve('nonsense') },
  unsupported_header: { token: { header: { crit: ['b64'] } } },
  bad_signature: { token: withoutSignature },
  invalid_claims: { token: { claims: { sub: 7 } } },
  expired: { token: { issuedAt: 1_000_000_000 } },
  revoked: {
    options: { revocations: { ...list, isRevoked: () => true }, whenStale: 'accept' },
  },
  // The feed warns about these.
  revocations_not_loaded: {
    options: { revocations: { ...list, loaded: false }, whenStale: 'accept' },
  },
  revocations_stale: { options: { revocations: list, whenStale: 'refuse' } },
} satisfies Record<Exclude<Code, 'revocations_behind'>, Case>;

async function withoutSignature({ make }: Fixture): Promise<string> {
  const [header, payload] = (await make()).split('.');
  return [header, payload, encode('a'.repeat(256))].join('.');
}

describe('a deny-list that receives revocations of one of two issuers', () => {
  it('is reported with the other issuer, whose tokens are always stale', async () => {
    const told: string[] = [];
    const received = new Map<string, number>();
    const { issuer, verifier, make } = await makeFixture();
    const trust = { audience: 'orders', keys: () => Promise.resolve(issuer.jwks()) };
    const shared = createVerifier({
      issuers: [
        { issuer: ISSUER, ...trust },
        { issuer: 'https://other.test', ...trust },
      ],
      revocations: { ...list, stalenessSeconds: (name) => received.get(name) ?? Infinity },
      whenStale: 'accept',
      onWarning: ({ message }) => told.push(message),
    });
    await shared.verify(await make());
    received.set(ISSUER, 1);
    await shared.verify(await make());
    expect(told).toEqual([]);
    for (let time = 0; time < 3; time++)
      await shared.verify(await make({ claims: { iss: 'https://other.test' } }));
    expect(told).toEqual([
      expect.stringMatching(
        /but none of https:\/\/other\.test: its tokens are always stale\. Verify/,
      ),
    ]);
    for (const each of [shared, verifier]) each.close();
  });
});

describe('a failure that a wrong configuration could cause', () => {
  it.each(Object.entries<Case>(CASES))(
    'is a process warning by default, written once and without the token: %s',
    async (code, { options, token = {}, line }) => {
      const fixture = await makeFixture(options);
      const { verifier, make } = fixture;
      const made = await (typeof token === 'function' ? token(fixture) : make(token));
      // Jest's `process` is a copy that does not emit the events of the real one.
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      for (let time = 0; time < 3; time++)
        await expect(verifier.verify(made)).rejects.toMatchObject({ code });
      const lines = warned.mock.calls.map(([warning]) => String(warning));
      warned.mockRestore();
      verifier.close();
      expect(lines).toEqual(line ? [expect.stringMatching(line)] : []);
      for (const part of made.split('.')) expect(lines.join()).not.toContain(part);
    },
  );

  it('is passed to onWarning instead, if the option is set', async () => {
    const told: string[] = [];
    const onWarning = ({ reason }: { reason: string }) => told.push(reason);
    const { verifier, make, judge } = await makeFixture({ onWarning, audience: 'payments' });
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(await judge(await make())).toBe('wrong_audience');
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    expect(told).toEqual(['wrong_audience']);
    verifier.close();
  });
});
