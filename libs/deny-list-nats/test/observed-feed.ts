import { DenyList, type DenyListOptions } from '@latchkey/deny-list';
import { createPublicKey, verify } from 'node:crypto';
import { createRevocationFeed } from '../src/revocation-feed.js';
import type { FeedEvent, RevocationFeedOptions } from '../src/feed-options.js';
import type { EventIssuer } from './publisher.js';

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A feed with its deny-list, which records its events. */
export class ObservedFeed {
  readonly denyList;
  readonly events: FeedEvent[] = [];
  /** If false, no event can be verified, as when no key set could be fetched. */
  keysReachable = true;
  /** Keys that the issuer signs with, but that are not known here yet. */
  readonly unknownKeys = new Set<string>();
  readonly feed;

  constructor(
    private readonly issuer: EventIssuer,
    connection: Pick<
      RevocationFeedOptions,
      'servers' | 'user' | 'password' | 'snapshot' | 'verifySnapshot'
    >,
    clock: Pick<DenyListOptions, 'now'> = {},
  ) {
    this.denyList = new DenyList(clock);
    this.feed = createRevocationFeed({
      ...connection,
      denyList: this.denyList,
      verifyEvent: (jws) => this.#verify(jws),
      onEvent: (event) => this.events.push(event),
    });
  }

  isDenied(sessionId: string): boolean {
    return this.denyList.isRevoked({
      issuer: this.issuer.issuer,
      subject: 'ada',
      clientId: 'web',
      tokenId: 't',
      keyId: 'k',
      issuedAt: nowSeconds(),
      sessionId,
    });
  }

  get staleness(): number {
    return this.denyList.stalenessSeconds(this.issuer.issuer);
  }

  /** When the deny-list was last fresh, by `performance.now()`. The two differ by the time of the measurement. */
  freshAt(): { readonly earliest: number; readonly latest: number } {
    const before = performance.now();
    const milliseconds = this.staleness * 1000;
    return { earliest: before - milliseconds, latest: performance.now() - milliseconds };
  }

  get refusals(): string[] {
    return this.events.flatMap((event) => (event.type === 'refused' ? [event.reason] : []));
  }

  heard(type: FeedEvent['type']): boolean {
    return this.events.some((event) => event.type === type);
  }

  async #verify(jws: string): Promise<unknown> {
    await Promise.resolve();
    if (!this.keysReachable) throw failure({ name: 'VerifierUnavailableError' });
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const { kid } = decode(header) as { kid: string };
    const jwk = this.issuer.jwks().keys.find((key) => key['kid'] === kid);
    if (!jwk || this.unknownKeys.has(kid)) throw failure({ code: 'unknown_key' });
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url')))
      throw failure({ code: 'bad_signature' });
    return decode(payload);
  }
}

const failure = (more: { name?: string; code?: string }) =>
  Object.assign(new Error('not verified'), more);

function decode(segment: string): unknown {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString());
  } catch (cause) {
    throw Object.assign(new Error('not verified', { cause }), { code: 'malformed' });
  }
}
