import {
  MAX_TOKEN_BYTES,
  REVOCATION_STREAM,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Watermark,
} from '@latchkey/contracts';
import { KeyRing, signEvent } from '@latchkey/issuer';
import { jetstream, jetstreamManager, type JetStreamPublishOptions } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RevocationOutbox, type MarkOutcome } from './revocation-outbox.js';
import { RevocationStream } from './revocation-stream.js';
import { SerialNumbers, type NumberedRevocation } from './serial-numbers.js';
import { StoredMessages } from './stored-messages.js';

export interface PublishedBatch {
  /** The highest among them; 0 if there are none any more. */
  readonly serial: number;
  readonly outcome: Exclude<MarkOutcome, 'stream_rolled_back'>;
}

/** What JetStream says about one message. */
interface Stored {
  readonly subject: string;
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

/** No verifier would read it, and it would take the place of one that they have read. */
export class WatermarkTooLargeError extends Error {
  override readonly name = 'WatermarkTooLargeError';

  constructor(bytes: number, revokedKeys: number) {
    super(
      `a watermark that names ${revokedKeys} revoked signing keys has ${bytes} bytes, and verifiers ` +
        `read ${MAX_TOKEN_BYTES}: they are stale until enough of those revocations have expired`,
    );
  }
}

/** Signs events and puts them on the stream. */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly ring: KeyRing,
    private readonly outbox: RevocationOutbox,
    private readonly serials: SerialNumbers,
    private readonly stream: RevocationStream,
    private readonly messages: StoredMessages,
  ) {}

  /**
   * Numbers and publishes those that are not, then notes it in the record. Repeating it is harmless: the
   * message id makes JetStream drop what it has, and what it no longer remembers replaces itself by its
   * subject. The id names the revocation, its number and the key: another revocation that is given the
   * same number by an older copy of the record, or another signature, is not a repetition.
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
    const isKept = published.every(isNew) && (await this.#holds(published, to.connection));
    const outcome = isKept
      ? await this.outbox.markPublished(published, to.epoch, key.keyId)
      : 'stream_rolled_back';
    if (outcome !== 'stream_rolled_back') return { serial, outcome };
    await this.stream.replace(to.epoch, 'without what it has acknowledged');
    return { serial, outcome: 'epoch_replaced' };
  }

  async #publish(
    { revocation, serial }: NumberedRevocation,
    key: ReturnType<KeyRing['signingKey']>,
    to: Destination,
  ): Promise<Stored> {
    const event = await signEvent(revocationToEventClaims(revocation, serial), key);
    const msgID = `${revocation.id}.${serial}.${key.keyId}`;
    return this.#send(revocationSubject(revocation, serial), event, to, { msgID });
  }

  /**
   * An acknowledgement is believed once the stream gives back what it is for. A stream that was
   * reconfigured may store it where no verifier looks, and a duplicate may have been deleted since.
   * What is stored first and last in one go passes through one configuration.
   */
  async #holds(published: readonly Stored[], connection: NatsConnection): Promise<boolean> {
    const fresh = published.filter(({ duplicate }) => !duplicate);
    const newest = fresh.reduce<Stored[]>(
      ([last], each) => (last && last.sequence > each.sequence ? [last] : [each]),
      [],
    );
    const doubtful = [...newest, ...published.filter(({ duplicate }) => duplicate)];
    if (doubtful.length === 0) return true;
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const found = await Promise.all(
      doubtful.map(({ sequence }) => this.messages.at(manager, sequence)),
    );
    return doubtful.every(({ subject }, index) => found[index]?.subject === subject);
  }

  /**
   * @returns its sequence
   * @throws WatermarkTooLargeError
   */
  async publishWatermark(watermark: Watermark, to: Destination): Promise<number> {
    const event = await this.signWatermark(watermark);
    return (await this.#send(WATERMARK_SUBJECT, event, to)).sequence;
  }

  /** @throws WatermarkTooLargeError */
  async signWatermark(watermark: Watermark): Promise<string> {
    const claims = watermarkToEventClaims(watermark, randomUUID());
    const event = await signEvent(claims, this.ring.signingKey());
    if (event.length > MAX_TOKEN_BYTES)
      throw new WatermarkTooLargeError(event.length, watermark.revokedKeys.length);
    return event;
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
    return { subject, sequence: seq, duplicate };
  }
}
