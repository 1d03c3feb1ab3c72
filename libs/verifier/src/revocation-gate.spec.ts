import type { RevocationCheck } from './index.js';
import { makeFixture, type Fixture } from '../test/verifier-fixture.js';

describe('a token with a valid signature', () => {
  let fixture: Fixture;
  let list: { -readonly [Name in keyof RevocationCheck]: RevocationCheck[Name] };
  let outcomes: string[];

  const make = async (whenStale: 'accept' | 'refuse') => {
    outcomes = [];
    list = { loaded: true, isRevoked: () => false, stalenessSeconds: () => 0 };
    const onOutcome = (outcome: string) => outcomes.push(outcome);
    fixture = await makeFixture({ revocations: list, whenStale, onOutcome });
  };
  afterEach(() => fixture.verifier.close());

  it('cannot be verified before the deny-list is loaded, even with whenStale: accept', async () => {
    await make('accept');
    list.loaded = false;
    await expect(fixture.verifier.verify(await fixture.make())).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
      code: 'revocations_not_loaded',
    });
  });

  it('is rejected as soon as it is revoked, even if it was accepted before', async () => {
    await make('accept');
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    list.isRevoked = () => true;
    expect(await fixture.judge(token)).toBe('revoked');
    expect(outcomes).toEqual(['accepted', 'revoked']);
  });

  it('is looked up in the deny-list by its identifiers, never by its text', async () => {
    await make('accept');
    const token = await fixture.make({ sessionId: 's1', subject: 'ada' });
    let shown: unknown;
    list.isRevoked = (identity) => {
      shown = identity;
      return false;
    };
    await fixture.verifier.verify(token);
    expect(shown).toMatchObject({ sessionId: 's1', subject: 'ada', clientId: 'latchkey-web' });
    expect(JSON.stringify(shown)).not.toContain(token);
  });

  it('is rejected as revoked by a stale list that contains it, and cannot be verified otherwise', async () => {
    await make('refuse');
    const token = await fixture.make();
    list.stalenessSeconds = () => 6;
    await expect(fixture.verifier.verify(token)).rejects.toMatchObject({
      code: 'revocations_stale',
    });
    list.isRevoked = () => true;
    expect(await fixture.judge(token)).toBe('revoked');
  });

  it('is accepted up to the maximum staleness', async () => {
    await make('refuse');
    list.stalenessSeconds = () => 5;
    expect(await fixture.judge(await fixture.make())).toBe('accepted');
  });

  it('is accepted by a stale list with whenStale: accept, unless a call overrides it', async () => {
    await make('accept');
    list.stalenessSeconds = () => Infinity;
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    await expect(fixture.verifier.verify(token, { whenStale: 'refuse' })).rejects.toMatchObject({
      code: 'revocations_stale',
    });
  });

  it('expires even if its signature check is cached', async () => {
    let now = Date.now();
    fixture = await makeFixture({ now: () => now });
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    now += 306_000;
    expect(await fixture.judge(token)).toBe('expired');
  });

  describe('with minSerial', () => {
    it('is checked after the list has applied the revocation', async () => {
      await make('accept');
      const token = await fixture.make();
      const asked: unknown[] = [];
      list.waitForSerial = (...question) => {
        asked.push(question);
        list.isRevoked = () => true;
        return Promise.resolve(true);
      };
      await expect(fixture.verifier.verify(token, { minSerial: 7 })).rejects.toMatchObject({
        code: 'revoked',
      });
      expect(asked).toEqual([[fixture.issuer.issuer, 7, 250]]);
    });

    it.each([
      ['has not applied the revocation in time', () => Promise.resolve(false)],
      ['does not support serials', undefined],
    ])('cannot be verified by a list that %s', async (_, waitForSerial) => {
      await make('accept');
      if (waitForSerial) list.waitForSerial = waitForSerial;
      const verified = fixture.verifier.verify(await fixture.make(), { minSerial: 7 });
      await expect(verified).rejects.toMatchObject({
        name: 'VerifierUnavailableError',
        code: 'revocations_behind',
      });
    });

    it('cannot be verified without a deny-list, which could not have applied the revocation', async () => {
      fixture = await makeFixture();
      const verified = fixture.verifier.verify(await fixture.make(), { minSerial: 7 });
      await expect(verified).rejects.toMatchObject({
        name: 'VerifierUnavailableError',
        code: 'revocations_behind',
      });
    });

    it('does not wait for a list that is not loaded', async () => {
      await make('accept');
      list.loaded = false;
      list.waitForSerial = () => Promise.reject(new Error('unexpected wait'));
      const verified = fixture.verifier.verify(await fixture.make(), { minSerial: 7 });
      await expect(verified).rejects.toMatchObject({ code: 'revocations_not_loaded' });
    });

    it('is rejected without waiting if it is invalid', async () => {
      await make('accept');
      list.waitForSerial = () => Promise.reject(new Error('unexpected wait'));
      const verified = fixture.verifier.verify('nonsense', { minSerial: 7 });
      await expect(verified).rejects.toMatchObject({ code: 'malformed' });
    });
  });
});

describe('a signed event', () => {
  it('is verified with the same keys, but neither is an access token nor can be replaced by one', async () => {
    const fixture = await makeFixture();
    const expected = { type: 'secevent+jwt', audience: 'urn:feed' };
    const claims = { iss: 'https://issuer.test', aud: 'urn:feed', events: {} };
    const event = await fixture.issuer.sign({ typ: 'secevent+jwt' }, claims);
    expect(await fixture.verifier.verifySignedEvent(event, expected)).toMatchObject({ claims });
    expect(await fixture.judge(event)).toBe('wrong_type');
    const token = await fixture.make({ audience: 'urn:feed' });
    await expect(fixture.verifier.verifySignedEvent(token, expected)).rejects.toMatchObject({
      code: 'wrong_type',
    });
    const elsewhere = await fixture.issuer.sign(
      { typ: 'secevent+jwt' },
      { ...claims, aud: ['urn:feed'] },
    );
    await expect(fixture.verifier.verifySignedEvent(elsewhere, expected)).rejects.toMatchObject({
      code: 'wrong_audience',
    });
    fixture.verifier.close();
  });
});
