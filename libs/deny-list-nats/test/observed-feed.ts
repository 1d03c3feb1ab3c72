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
  type Watermark,
} from '@latchkey/contracts';
import { DenyList, type DenyListOptions } from '@latchkey/deny-list';
import { jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { createPublicKey, randomUUID, verify, type JsonWebKey } from 'node:crypto';
import type { FeedEvent, RevocationFeedOptions } from '../src/feed-options.js';
import { createRevocationFeed } from '../src/revocation-feed.js';

/** What is needed of an issuer, as `makeIssuer()` gives it. */
export interface EventIssuer {
  readonly issuer: string;
  jwks(): { keys: JsonWebKey[] };
  sign(header: Readonly<Record<string, unknown>>, claims: unknown): Promise<string>;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** The auth service's side of the stream. */
export class Publisher {
  epoch = randomUUID();
  position = 0;
  serial = 0;
  #from = 1;

  constructor(
    readonly connection: NatsConnection,
    readonly issuer: EventIssuer,
  ) {}

  async createStream({ republish = true } = {}): Promise<void> {
    const manager = await this.#manager();
    await manager.streams.add({ ...this.#config(republish), name: REVOCATION_STREAM });
  }

  /** What is still to be honoured gets new numbers in it. */
  beginEpoch(): void {
    this.epoch = randomUUID();
    this.#from = this.serial + 1;
  }

  /** Without `republish` what is stored is not heard live, as if the network had lost it. */
  async updateStream({ republish = true } = {}): Promise<void> {
    const manager = await this.#manager();
    await manager.streams.update(REVOCATION_STREAM, this.#config(republish));
  }

  async put(subject: string, data: string | Uint8Array): Promise<number> {
    const { seq } = await jetstream(this.connection).publish(subject, data, { timeout: 500 });
    return seq;
  }

  /** A signed event and the subject that it belongs under. */
  async event(
    sessionId: string,
    signer: EventIssuer = this.issuer,
  ): Promise<{ subject: string; event: string }> {
    const serial = ++this.serial;
    const revocation: Revocation = {
      kind: 'session',
      id: randomUUID(),
      issuer: this.issuer.issuer,
      revokedAt: nowSeconds(),
      expiresAt: nowSeconds() + 300,
      trigger: 'logout',
      sessionId,
    };
    const claims = revocationToEventClaims(revocation, serial);
    const event = await signer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    return { subject: revocationSubject(revocation, serial), event };
  }

  async revoke(sessionId: string): Promise<void> {
    const { subject, event } = await this.event(sessionId);
    this.position = await this.put(subject, event);
  }

  async watermark(more: Partial<Watermark> = {}): Promise<void> {
    const { timeMilliseconds = Date.now() } = more;
    const watermark = {
      issuer: this.issuer.issuer,
      timeMilliseconds,
      issuedAt: Math.floor(timeMilliseconds / 1000),
      serials: { from: this.#from, through: this.serial },
      revokedKeys: [],
      position: this.position,
      epoch: this.epoch,
      ...more,
    };
    const claims = watermarkToEventClaims(watermark, randomUUID());
    const event = await this.issuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    this.position = await this.put(WATERMARK_SUBJECT, event);
  }

  #manager() {
    return jetstreamManager(this.connection, { checkAPI: false, timeout: 500 });
  }

  #config(republish: boolean) {
    return {
      subjects: [REVOCATION_SUBJECTS],
      max_msgs_per_subject: 1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: republish ? LIVE_SUBJECTS : 'unheard.>' },
      metadata: { 'latchkey-epoch': this.epoch },
    } satisfies Partial<StreamConfig>;
  }
}

/** A feed, its list, and what became of it. */
export class ObservedFeed {
  readonly denyList;
  readonly events: FeedEvent[] = [];
  /** False: no event can be verified, as when no key set could be fetched. */
  keysReachable = true;
  /** Keys that the issuer signs with and that are not known here yet. */
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
