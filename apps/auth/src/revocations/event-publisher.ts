import {
  REVOCATION_STREAM,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Watermark,
} from '@latchkey/contracts';
import { KeyRing, signEvent } from '@latchkey/issuer';
import { jetstream, type JetStreamPublishOptions } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RevocationOutbox, type MarkOutcome } from './revocation-outbox.js';
import { RevocationStream } from './revocation-stream.js';
import { SerialNumbers, type NumberedRevocation } from './serial-numbers.js';

export interface PublishedBatch {
  /** The highest among them; 0 if there are none any more. */
  readonly serial: number;
  readonly outcome: Exclude<MarkOutcome, 'stream_rolled_back'>;
}

/** What JetStream says about one message. */
interface Stored {
  readonly sequence: number;
  /** It had it already. */
  readonly duplicate: boolean;
}

/** Where to, and how long to wait for JetStream's word. */
export interface Destination {
  readonly connection: NatsConnection;
  readonly epoch: string;
  readonly timeoutMilliseconds: number;
}

/** Signs events and puts them on the stream. */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly ring: KeyRing,
    private readonly outbox: RevocationOutbox,
    private readonly serials: SerialNumbers,
    private readonly stream: RevocationStream,
  ) {}

  /**
   * Numbers and publishes those that are not, then notes it in the record. Repeating it is harmless: the
   * message id makes JetStream drop what it has, and what it no longer remembers replaces itself by its
   * subject. The id also names the key, since a new signature is no repetition.
   *
   * @throws when JetStream has not acknowledged each of them in time
   */
  async publish(ids: readonly string[], to: Destination): Promise<PublishedBatch> {
    const key = this.ring.signingKey();
    const { revocations, highestSequence } = await this.serials.number(ids);
    const serial = revocations.at(-1)?.serial ?? 0;
    const published = await Promise.all(
      revocations
        .filter((each) => !each.published)
        .map(async (each) => ({
          id: each.revocation.id,
          ...(await this.#publish(each, key, to)),
        })),
    );
    const isNew = (stored: Stored) => stored.duplicate || stored.sequence > highestSequence;
    const outcome = published.every(isNew)
      ? await this.outbox.markPublished(published, to.epoch, key.keyId)
      : 'stream_rolled_back';
    if (outcome !== 'stream_rolled_back') return { serial, outcome };
    await this.stream.replace(to.epoch, 'rolled back');
    return { serial, outcome: 'epoch_replaced' };
  }

  async #publish(
    { revocation, serial }: NumberedRevocation,
    key: ReturnType<KeyRing['signingKey']>,
    to: Destination,
  ): Promise<Stored> {
    const event = await signEvent(revocationToEventClaims(revocation, serial), key);
    const msgID = `${serial}.${key.keyId}`;
    return this.#send(revocationSubject(revocation, serial), event, to, { msgID });
  }

  /** @returns the sequence of the watermark itself */
  async publishWatermark(watermark: Watermark, to: Destination): Promise<number> {
    const claims = watermarkToEventClaims(watermark, randomUUID());
    const event = await signEvent(claims, this.ring.signingKey());
    return (await this.#send(WATERMARK_SUBJECT, event, to)).sequence;
  }

  async #send(
    subject: string,
    event: string,
    to: Destination,
    options: Partial<JetStreamPublishOptions> = {},
  ): Promise<Stored> {
    const { seq, duplicate } = await jetstream(to.connection).publish(subject, event, {
      ...options,
      timeout: to.timeoutMilliseconds,
      expect: { streamName: REVOCATION_STREAM },
    });
    return { sequence: seq, duplicate };
  }
}
