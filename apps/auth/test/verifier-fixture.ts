import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, eventVerifier, type RevocationFeed } from '@latchkey/deny-list-nats';
import type { TestNats } from '@latchkey/testing';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { ISSUER, type AuthReplica } from './auth-fixture.js';

/** A verifier with a deny-list, as in a service. It replays the stream when it starts. */
export class RunningVerifier {
  private constructor(
    readonly denyList: DenyList,
    private readonly verifier: Verifier,
    private readonly feed: RevocationFeed,
  ) {}

  static async start(auth: AuthReplica, nats: TestNats): Promise<RunningVerifier> {
    const denyList = new DenyList();
    const jwksUri = `${auth.url}/.well-known/jwks.json`;
    const verifier = createVerifier({
      issuers: [{ issuer: ISSUER, audience: 'orders', jwksUri }],
      revocations: denyList,
      whenStale: 'refuse',
      keySet: { cooldownSeconds: 0.1 },
    });
    const { servers, user, pass } = nats.credentials('orders');
    const feed = createRevocationFeed({
      servers,
      user,
      password: pass,
      denyList,
      verifyEvent: eventVerifier(verifier),
    });
    await feed.start();
    return new RunningVerifier(denyList, verifier, feed);
  }

  /** @returns `accepted`, or the code of the error */
  async judge(token: string, minSerial?: number): Promise<string> {
    const options = minSerial === undefined ? {} : { minSerial };
    return this.verifier.verify(token, options).then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? 'failed',
    );
  }

  async close(): Promise<void> {
    await this.feed.close();
    this.verifier.close();
  }
}
