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
import { SerialNumbers } from './serial-numbers.js';

export interface PublishedBatch {
  /** The highest among them; 0 if there are none any more. */
  readonly serial: number;
  readonly outcome: MarkOutcome;
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
  ) {}

  /**
   * Numbers and publishes those that are not, then notes it in the record. Repeating it is harmless: the message id
   * makes JetStream drop what it has, and what it no longer remembers replaces itself by its subject.
   * The id also names the epoch and the key, since a refilled stream or a new signature is no repetition.
   *
   * @throws when JetStream has not acknowledged each of them in time
   */
  async publish(ids: readonly string[], to: Destination): Promise<PublishedBatch> {
    const key = this.ring.signingKey();
    const numbered = await this.serials.number(ids);
    const published = await Promise.all(
      numbered
        .filter((each) => !each.published)
        .map(async ({ revocation, serial }) => {
          const event = await signEvent(revocationToEventClaims(revocation, serial), key);
          const msgID = `${revocation.id}.${to.epoch}.${key.keyId}`;
          const sequence = await this.#send(revocationSubject(revocation), event, to, { msgID });
          return { id: revocation.id, sequence };
        }),
    );
    const outcome = await this.outbox.markPublished(published, to.epoch, key.keyId);
    return { outcome, serial: numbered.at(-1)?.serial ?? 0 };
  }

  /** @returns the sequence of the watermark itself */
  async publishWatermark(watermark: Watermark, to: Destination): Promise<number> {
    const claims = watermarkToEventClaims(watermark, randomUUID());
    return this.#send(WATERMARK_SUBJECT, await signEvent(claims, this.ring.signingKey()), to);
  }

  async #send(
    subject: string,
    event: string,
    to: Destination,
    options: Partial<JetStreamPublishOptions> = {},
  ): Promise<number> {
    const { seq } = await jetstream(to.connection).publish(subject, event, {
      ...options,
      timeout: to.timeoutMilliseconds,
      expect: { streamName: REVOCATION_STREAM },
    });
    return seq;
  }
}
