import { waitFor } from '@latchkey/testing';
import { useKeySet } from '../../test/key-set-fixture.js';
import { judge } from '../../test/verifier-fixture.js';

describe('the keys of an issuer that fails to answer', () => {
  const bed = useKeySet();

  it.each(['error', 'garbage', 'empty', 'redirect', 'cut', 'hang'] as const)(
    'stay in use if the response of the issuer is: %s',
    async (behaviour) => {
      let now = Date.now();
      const timeoutSeconds = behaviour === 'hang' ? 1 : 20;
      bed.start({ cooldownSeconds: 1, timeoutSeconds }, () => now);
      const token = await bed.issuer.makeToken();
      expect(await judge(bed.verifier, token)).toBe('accepted');
      bed.server.behave(behaviour);
      now += 2_000;
      expect(await judge(bed.verifier, await bed.issuer.makeToken({ kid: 'other' }))).toBe(
        'unknown_key',
      );
      expect(bed.server.requests).toBe(2);
      expect(await judge(bed.verifier, token)).toBe('accepted');
      expect(await judge(bed.verifier, await bed.issuer.makeToken({ kid: 'another' }))).toBe(
        'unknown_key',
      );
      expect(bed.server.requests).toBe(2);
      expect(bed.verifier.status().issuers[0]).toMatchObject({ lastFetchSucceeded: false });
    },
  );

  it('stay in use while the issuer is unreachable, until their maximum age', async () => {
    let now = Date.now();
    bed.start({ maxAgeSeconds: 600, refreshAfterSeconds: 60, cooldownSeconds: 1 }, () => now);
    await bed.verifier.loadKeys();
    bed.server.behave('error');
    now += 599_000;
    expect(await judge(bed.verifier, await bed.issuer.makeToken({ issuedAt: now / 1000 }))).toBe(
      'accepted',
    );
    now += 2_000;
    const token = await bed.issuer.makeToken({ issuedAt: now / 1000 });
    await expect(bed.verifier.verify(token)).rejects.toMatchObject({ code: 'keys_unreachable' });
  });

  it('are fetched with retries by loadKeys', async () => {
    bed.server.behave('error');
    bed.start();
    const loaded = bed.verifier.loadKeys();
    await waitFor(() => bed.server.requests >= 2);
    expect(bed.verifier.keysLoaded).toBe(false);
    await expect(bed.verifier.verify(await bed.issuer.makeToken())).rejects.toMatchObject({
      code: 'keys_unreachable',
    });
    bed.server.behave('ok');
    await loaded;
    expect(await judge(bed.verifier, await bed.issuer.makeToken())).toBe('accepted');
  });

  it('are not retried once the verifier is closed, which ends loadKeys', async () => {
    bed.server.behave('error');
    bed.start();
    const loaded = bed.verifier.loadKeys();
    await waitFor(() => bed.server.requests >= 2);
    bed.verifier.close();
    await loaded;
    expect(bed.verifier.keysLoaded).toBe(false);
    const { requests } = bed.server;
    await bed.verifier.loadKeys();
    expect(bed.server.requests).toBe(requests);
  });

  it('are fetched with retries by verify', async () => {
    bed.server.behave('error');
    bed.start();
    const token = await bed.issuer.makeToken();
    await expect(bed.verifier.verify(token)).rejects.toMatchObject({ code: 'keys_unreachable' });
    bed.server.behave('ok');
    await waitFor(() => bed.verifier.keysLoaded);
    expect(await judge(bed.verifier, token)).toBe('accepted');
  });

  it('do not make calls wait for a retry before they were ever fetched', async () => {
    bed.server.behave('error');
    bed.start();
    const token = await bed.issuer.makeToken();
    const codes = Array.from({ length: 50 }, () =>
      bed.verifier.verify(token).catch((error: unknown) => (error as { code: string }).code),
    );
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['keys_unreachable']));
    expect(bed.server.requests).toBe(1);
  });
});
