import { startService, type RunningService } from '@latchkey/service-kit';
import { createFaultProxy, LiveReader, TestAuthority, type FaultProxy } from '@latchkey/testing';
import { Verifier } from '@latchkey/verifier';
import { TokenAuthenticationModule } from './token-authentication.module.js';

const MAX_STALENESS_SECONDS = 2;

describe('the live events of a verifier', () => {
  let authority: TestAuthority;
  let proxy: FaultProxy;
  let service: RunningService;
  let reader: LiveReader;

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    const { servers, user, pass } = authority.nats.credentials('orders');
    proxy = await createFaultProxy(String(servers));
    service = await startService({
      name: 'orders',
      module: TokenAuthenticationModule.forRoot({
        ISSUER: authority.issuer.issuer,
        AUDIENCE: 'orders',
        CALL_TOKENS: 'exchange',
        JWKS_COOLDOWN_SECONDS: 30,
        WHEN_STALE: 'refuse',
        MAX_STALENESS_SECONDS,
        CACHED_TOKENS: 0,
        NATS_URL: proxy.through(String(servers)).replace(/\/$/, ''),
        NATS_USER: user,
        NATS_PASSWORD: pass,
      }),
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
      openApi: { title: 'Orders', description: 'For tests' },
      handleSignals: false,
      liveEvents: true,
    });
    reader = await LiveReader.open(service.url);
    await reader.status(({ verifier }) => verifier?.loaded === true);
  });
  afterAll(async () => {
    await reader.close();
    await service.close();
    await proxy.close();
    await authority.close();
  });

  const present = (token: string) =>
    service.app
      .get(Verifier)
      .verify(token)
      .catch(() => undefined);

  it('have its keys, its deny-list and its tokens, by outcome', async () => {
    const token = await authority.issuer.makeToken({ sessionId: 'ended' });
    await present(token);
    await present(await authority.issuer.makeToken({ audience: 'payments' }));
    const position = await authority.revokeSession('ended');
    await reader.revocation(position);
    await present(token);
    const status = await reader.status(
      ({ verifier }) => verifier?.tokens.rejected['revoked'] === 1,
    );
    expect(status).toMatchObject({
      service: 'orders',
      natsConnected: true,
      keyIds: [authority.issuer.keys[0]?.kid],
      verifier: {
        ...{ whenStale: 'refuse', maxStalenessMilliseconds: 2_000, loaded: true, fresh: true },
        denied: { session: 1, token: 0, subject: 0, client: 0, key: 0 },
        tokens: { accepted: 1, rejected: { wrong_audience: 1, revoked: 1 }, unavailable: {} },
      },
    });
    await reader.status(({ verifier }) => verifier?.appliedThrough === position);
  });

  it('have each revocation as it takes effect, without its ids', async () => {
    const position = await authority.revokeSession('a-session-id');
    const startedAt = Date.now();
    const revocation = await reader.revocation(position);
    expect(revocation).toEqual({
      ...{ position, kind: 'session', live: true, omitted: 0 },
      atMilliseconds: expect.closeTo(startedAt, -4),
      delayMilliseconds: null,
    });
    expect(JSON.stringify([...reader.statuses, ...reader.revocations])).not.toContain('a-session');
  });

  it('show a cut connection, how stale it makes the deny-list, and what comes late', async () => {
    const token = await authority.issuer.makeToken();
    proxy.cut();
    await reader.status(({ natsConnected }) => natsConnected === false, 'a cut connection');
    const position = await authority.revokeSession('late');
    const stale = await reader.status(({ verifier }) => verifier?.fresh === false, 'stale');
    expect(stale.verifier?.stalenessMilliseconds).toBeGreaterThan(MAX_STALENESS_SECONDS * 1000);
    await present(token);
    await reader.status(({ verifier }) => verifier?.tokens.unavailable['revocations_stale'] === 1);
    expect(reader.revocations.map((each) => each.position)).not.toContain(position);

    proxy.heal();
    await reader.status(
      ({ natsConnected, verifier }) => natsConnected === true && verifier?.fresh === true,
    );
    expect(await reader.revocation(position)).toMatchObject({ kind: 'session', live: false });
    // The stream was read again, but each revocation took effect once.
    const positions = reader.revocations.map((each) => each.position);
    expect(positions).toEqual([...new Set(positions)]);
  });
});
