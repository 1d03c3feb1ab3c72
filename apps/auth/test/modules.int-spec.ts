import {
  createDataSource,
  HealthRegistry,
  LiveEvents,
  LOGGER,
  MetricsRegistry,
} from '@latchkey/service-kit';
import { startTestNats, waitFor } from '@latchkey/testing';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { ClockModule } from '../src/platform/clock/clock.module.js';
import { withoutLiveEvents } from './live-events-fixture.js';
import { RECORD } from './record-fixture.js';
import { storedId } from './stored-id-fixture.js';
import { KeysModule } from '../src/keys/keys.module.js';
import { RELAY_DATABASE } from '../src/platform/relay-database.js';
import { RevocationRecord } from '../src/revocations/revocation-record.js';
import { RevocationRelay } from '../src/revocations/revocation-relay.js';
import { RevocationsModule } from '../src/revocations/revocations.module.js';
import { AccessTokenIssuer } from '../src/tokens/access-token-issuer.js';
import { OwnTokenVerifier } from '../src/tokens/own-token-verifier.js';
import { TokensModule } from '../src/tokens/tokens.module.js';
import { startAuthDatabase } from './auth-database.js';

const issuer = 'http://127.0.0.1:4000';
const accessTokenLifetimeSeconds = 300;

describe('KeysModule, TokensModule and RevocationsModule together', () => {
  it('sign, verify, revoke and publish', async () => {
    const database = await startAuthDatabase();
    const nats = await startTestNats();
    const { servers, user, pass: password } = nats.credentials('auth');
    const dataSource = await createDataSource({ url: database.url, ...RECORD }).initialize();
    await dataSource.runMigrations();
    const health = new HealthRegistry();
    const metrics = new MetricsRegistry();

    @Global()
    @Module({
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: RELAY_DATABASE, useValue: dataSource },
        { provide: LOGGER, useValue: pino({ level: 'silent' }) },
        { provide: HealthRegistry, useValue: health },
        { provide: MetricsRegistry, useValue: metrics },
        { provide: LiveEvents, useValue: withoutLiveEvents() },
      ],
      exports: [DataSource, RELAY_DATABASE, LOGGER, HealthRegistry, LiveEvents, MetricsRegistry],
    })
    class InfrastructureModule {}
    @Module({
      imports: [
        InfrastructureModule,
        ClockModule,
        KeysModule.forRoot({
          issuer,
          keyEncryptionKey: randomBytes(32),
          accessTokenLifetimeSeconds,
          publishAheadSeconds: 60,
          rotationSeconds: 3600,
        }),
        TokensModule.forRoot({
          issuer,
          audiences: ['orders'],
          lifetimeSeconds: accessTokenLifetimeSeconds,
        }),
        RevocationsModule.forRoot({
          issuer,
          accessTokenLifetimeSeconds,
          streamReplicas: 1,
          nats: { servers, user, password },
        }),
      ],
    })
    class TestModule {}
    const app = await NestFactory.createApplicationContext(TestModule, { logger: false });

    const issued = await waitFor(() =>
      app
        .get(AccessTokenIssuer)
        .issue({ subject: 'u', clientId: 'c', scopes: [], sessionId: storedId('s') }),
    );
    expect(await app.get(OwnTokenVerifier).verify(issued.token)).toMatchObject({
      sessionId: storedId('s'),
    });
    const revocation = await dataSource.transaction((manager) =>
      app.get(RevocationRecord).revoke(manager, { trigger: 'logout', sessionId: storedId('s') }),
    );
    const serial = await waitFor(() => app.get(RevocationRelay).publish([revocation]));
    expect(serial).toEqual(expect.any(Number));
    await waitFor(async () => /^latchkey_relay_backlog 0$/m.test(await metrics.registry.metrics()));

    await app.close();
    await dataSource.destroy();
    await nats.close();
    await database.drop();
  });
});
