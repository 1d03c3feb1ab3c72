import {
  LIVE_SUBJECTS,
  REVOCATION_EVENT_TYPE,
  REVOCATION_STREAM,
  REVOCATION_SUBJECTS,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Revocation,
} from '@latchkey/contracts';
import type { NatsUser } from '@latchkey/local-stack';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { startJwksServer, type JwksServer } from './jwks-server.js';
import { makeIssuer, type TestIssuer } from './test-issuer.js';
import { startTestNats, type TestNats } from './test-nats.js';

const TOKEN_LIFETIME_SECONDS = 300;
const WATERMARK_MILLISECONDS = 1_000;

/**
 * Stands in for the auth service in tests of a single service: serves a key set over HTTP, and
 * publishes revocations and watermarks over NATS. Tests of the whole system start the auth service.
 */
export class TestAuthority {
  readonly #epoch = randomUUID();
  #sequence = 0;
  #serial = 0;
  #last: Promise<void> = Promise.resolve();
  #watermarks: NodeJS.Timeout | undefined;

  private constructor(
    readonly issuer: TestIssuer,
    readonly keySet: JwksServer,
    readonly nats: TestNats,
    private readonly connection: NatsConnection,
  ) {}

  /** @param audience the default `aud` of its tokens */
  static async start(audience: string | readonly string[]): Promise<TestAuthority> {
    const keySet = await startJwksServer();
    const issuer = await makeIssuer({ issuer: keySet.origin, audience });
    keySet.serve(issuer);
    const nats = await startTestNats();
    const connection = await connect(nats.credentials('auth'));
    const authority = new TestAuthority(issuer, keySet, nats, connection);
    await authority.#createStream();
    await authority.watermark();
    authority.#watermarks = setInterval(
      () => void authority.watermark().catch(() => undefined), // the test has stopped NATS
      WATERMARK_MILLISECONDS,
    );
    return authority;
  }

  /** The environment variables that a service needs for verification. */
  environment(user: NatsUser): Record<string, string> {
    const { pass } = this.nats.credentials(user);
    const nats = { NATS_URL: this.nats.url, NATS_USER: user, NATS_PASSWORD: pass };
    return { ...nats, ISSUER: this.issuer.issuer, WHEN_STALE: 'accept' };
  }

  /** Publishes a revocation, and resolves when the stream has stored it. @returns its serial */
  async revokeSession(sessionId: string): Promise<number> {
    const revokedAt = Math.floor(Date.now() / 1000);
    const revocation: Revocation = {
      kind: 'session',
      id: randomUUID(),
      issuer: this.issuer.issuer,
      revokedAt,
      expiresAt: revokedAt + TOKEN_LIFETIME_SECONDS,
      trigger: 'logout',
      sessionId,
    };
    let serial = 0;
    await this.#inTurn(async () => {
      serial = this.#serial + 1;
      const claims = revocationToEventClaims(revocation, serial);
      await this.#publish(revocationSubject(revocation, serial), claims);
      this.#serial = serial;
    });
    return serial;
  }

  /** Publishes a watermark, as also happens every second. */
  async watermark(): Promise<void> {
    await this.#inTurn(async () => {
      const watermark = {
        issuer: this.issuer.issuer,
        timeMilliseconds: Date.now(),
        issuedAt: Math.floor(Date.now() / 1000),
        serials: { from: 1, through: this.#serial },
        revokedKeys: [],
        sequence: this.#sequence,
        epoch: this.#epoch,
      };
      await this.#publish(WATERMARK_SUBJECT, watermarkToEventClaims(watermark, randomUUID()));
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#watermarks);
    await this.connection.close();
    await this.nats.close();
    await this.keySet.close();
  }

  /** Publishes one at a time, so that serials have no gaps and watermarks cover every serial. */
  #inTurn(publish: () => Promise<void>): Promise<void> {
    const done = this.#last.then(publish);
    this.#last = done.catch(() => undefined); // the caller gets the error
    return done;
  }

  async #publish(subject: string, claims: unknown): Promise<void> {
    const event = await this.issuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    const { seq } = await jetstream(this.connection).publish(subject, event);
    this.#sequence = Math.max(this.#sequence, seq);
  }

  async #createStream(): Promise<void> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    await manager.streams.add({
      name: REVOCATION_STREAM,
      subjects: [REVOCATION_SUBJECTS],
      max_msgs_per_subject: 1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
      metadata: { 'latchkey-epoch': this.#epoch },
    });
  }
}
