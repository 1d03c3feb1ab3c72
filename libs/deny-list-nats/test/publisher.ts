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
import { jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { randomUUID, type JsonWebKey } from 'node:crypto';

/** The part of an issuer from `makeIssuer()` that signs events. */
export interface EventIssuer {
  readonly issuer: string;
  jwks(): { keys: JsonWebKey[] };
  sign(header: Readonly<Record<string, unknown>>, claims: unknown): Promise<string>;
}

/** A busy server takes long to store a message on disk. */
const ANSWER_MILLISECONDS = 5_000;

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Publishes events as the auth service does. */
export class Publisher {
  epoch = randomUUID();
  sequence = 0;
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

  /** Begins a new epoch, in which live revocations get new numbers. */
  beginEpoch(): void {
    this.epoch = randomUUID();
    this.#from = this.serial + 1;
  }

  /** Without `republish`, live messages are lost, as if by the network. */
  async updateStream({ republish = true } = {}): Promise<void> {
    const manager = await this.#manager();
    await manager.streams.update(REVOCATION_STREAM, this.#config(republish));
  }

  async put(subject: string, data: string | Uint8Array): Promise<number> {
    const { seq } = await jetstream(this.connection).publish(subject, data, {
      timeout: ANSWER_MILLISECONDS,
    });
    return seq;
  }

  /** A signed event and its subject. */
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
    this.sequence = await this.put(subject, event);
  }

  async watermark(more: Partial<Watermark> = {}): Promise<void> {
    const { timeMilliseconds = Date.now() } = more;
    const watermark = {
      issuer: this.issuer.issuer,
      timeMilliseconds,
      issuedAt: Math.floor(timeMilliseconds / 1000),
      serials: { from: this.#from, through: this.serial },
      revokedKeys: [],
      sequence: this.sequence,
      epoch: this.epoch,
      ...more,
    };
    const claims = watermarkToEventClaims(watermark, randomUUID());
    const event = await this.issuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    this.sequence = await this.put(WATERMARK_SUBJECT, event);
  }

  #manager() {
    return jetstreamManager(this.connection, { checkAPI: false, timeout: ANSWER_MILLISECONDS });
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
