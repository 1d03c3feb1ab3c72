import type { RevocationCheck } from './index.js';
import { makeFixture, type Fixture } from '../test/verifier-fixture.js';

describe('a token whose signature is good', () => {
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

  it('is not judged before the deny-list is loaded, whatever is to be done when it is stale', async () => {
    await make('accept');
    list.loaded = false;
    await expect(fixture.verifier.verify(await fixture.make())).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
      code: 'revocations_not_loaded',
    });
  });

  it('is refused from the moment that it is revoked, also after it was accepted', async () => {
    await make('accept');
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    list.isRevoked = () => true;
    expect(await fixture.judge(token)).toBe('revoked');
    expect(outcomes).toEqual(['accepted', 'revoked']);
  });

  it('is shown to the deny-list by its ids, never by its text', async () => {
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

  it('is refused on a stale list as revoked first, then as not to be told', async () => {
    await make('refuse');
    const token = await fixture.make();
    list.stalenessSeconds = () => 6;
    await expect(fixture.verifier.verify(token)).rejects.toMatchObject({
      code: 'revocations_stale',
    });
    list.isRevoked = () => true;
    expect(await fixture.judge(token)).toBe('revoked');
  });

  it('is accepted up to the staleness that is allowed', async () => {
    await make('refuse');
    list.stalenessSeconds = () => 5;
    expect(await fixture.judge(await fixture.make())).toBe('accepted');
  });

  it('is accepted on a stale list where that was chosen, for all calls or for one', async () => {
    await make('accept');
    list.stalenessSeconds = () => Infinity;
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    await expect(fixture.verifier.verify(token, { whenStale: 'refuse' })).rejects.toMatchObject({
      code: 'revocations_stale',
    });
  });

  it('expires also when its signature is remembered', async () => {
    let now = Date.now();
    fixture = await makeFixture({ now: () => now });
    const token = await fixture.make();
    expect(await fixture.judge(token)).toBe('accepted');
    now += 306_000;
    expect(await fixture.judge(token)).toBe('expired');
  });

  describe('when the caller has seen a revocation', () => {
    it('is judged by a list that has applied it', async () => {
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
      ['has not applied it in time', () => Promise.resolve(false)],
      ['cannot tell', undefined],
    ])('is not judged by one that %s', async (_, waitForSerial) => {
      await make('accept');
      if (waitForSerial) list.waitForSerial = waitForSerial;
      const verified = fixture.verifier.verify(await fixture.make(), { minSerial: 7 });
      await expect(verified).rejects.toMatchObject({
        name: 'VerifierUnavailableError',
        code: 'revocations_behind',
      });
    });

    it('is refused for what it is before anybody waits', async () => {
      await make('accept');
      list.waitForSerial = () => Promise.reject(new Error('nobody was to be asked'));
      const verified = fixture.verifier.verify('nonsense', { minSerial: 7 });
      await expect(verified).rejects.toMatchObject({ code: 'malformed' });
    });
  });
});

describe('a signed event', () => {
  it('is verified with the same keys, and is no access token, nor the other way round', async () => {
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
