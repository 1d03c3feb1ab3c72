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
import { LiveEvents } from '@latchkey/service-kit';
import { jetstream, jetstreamManager, type JetStreamPublishOptions } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RevocationOutbox, type MarkOutcome } from './revocation-outbox.js';
import { RevocationStream } from './revocation-stream.js';
import { SerialNumbers, type NumberedRevocation } from './serial-numbers.js';
import { StoredMessages } from './stored-messages.js';
import { tracedPublication } from './traced-publication.js';

export interface PublishedBatch {
  /** The highest serial of the batch; 0 if none of the revocations is in the record any more. */
  readonly serial: number;
  readonly outcome: Exclude<MarkOutcome, 'stream_rolled_back'>;
}

/** JetStream's acknowledgement of one message. */
interface Stored {
  readonly subject: string;
  readonly sequence: number;
  /** JetStream already had the message. */
  readonly duplicate: boolean;
}

/** Where to publish, and how long to wait for acknowledgements. */
export interface Destination {
  readonly connection: NatsConnection;
  readonly epoch: string;
  readonly timeoutMilliseconds: number;
}

/** The watermark is not published: verifiers could not read it, and it would replace one that they can. */
export class WatermarkTooLargeError extends Error {
  override readonly name = 'WatermarkTooLargeError';

  constructor(bytes: number, revokedKeys: number) {
    super(
      `a watermark with ${revokedKeys} revoked signing keys has ${bytes} bytes, but verifiers read at most ` +
        `${MAX_TOKEN_BYTES}: they are stale until enough of those revocations have expired`,
    );
  }
}

/** Signs events and publishes them to the stream. */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly ring: KeyRing,
    private readonly outbox: RevocationOutbox,
    private readonly serials: SerialNumbers,
    private readonly stream: RevocationStream,
    private readonly messages: StoredMessages,
    private readonly live: LiveEvents,
  ) {}

  /**
   * Numbers and publishes revocations, then marks them as published. Idempotent: JetStream drops duplicates by
   * message id and, after its duplicate window, replaces a message under its subject. The id includes
   * the serial, which an older copy of the record may assign to another revocation, and the signing key.
   *
   * @throws if JetStream does not acknowledge each message in time
   */
  async publish(ids: readonly string[], to: Destination): Promise<PublishedBatch> {
    const key = this.ring.signingKey();
    const { revocations, highestSequence } = await this.serials.number(ids);
    const serial = revocations.at(-1)?.serial ?? 0;
    const unpublished = revocations.filter((each) => !each.published);
    const published = await Promise.all(
      unpublished.map(async (each) => ({
        id: each.revocation.id,
        ...(await this.#publish(each, key, to)),
      })),
    );
    const isNew = (stored: Stored) => stored.duplicate || stored.sequence > highestSequence;
    const isKept = published.every(isNew) && (await this.#holds(published, to.connection));
    const outcome = isKept
      ? await this.outbox.markPublished(published, to.epoch, key.keyId)
      : 'stream_rolled_back';
    if (outcome === 'marked') for (const each of unpublished) this.#tellPublished(each);
    if (outcome !== 'stream_rolled_back') return { serial, outcome };
    await this.stream.replace(to.epoch, 'without messages that it has acknowledged');
    return { serial, outcome: 'epoch_replaced' };
  }

  #tellPublished({ revocation, serial: position }: NumberedRevocation): void {
    const { kind, revokedAtMilliseconds: revokedAt } = revocation;
    const atMilliseconds = Date.now();
    const delayMilliseconds =
      revokedAt === undefined ? null : Math.max(0, atMilliseconds - revokedAt);
    this.live.revoked({ position, kind, atMilliseconds, delayMilliseconds, live: true });
  }

  async #publish(
    numbered: NumberedRevocation,
    key: ReturnType<KeyRing['signingKey']>,
    to: Destination,
  ): Promise<Stored> {
    const { revocation, serial } = numbered;
    const event = await signEvent(revocationToEventClaims(revocation, serial), key);
    const msgID = `${revocation.id}.${serial}.${key.keyId}`;
    const subject = revocationSubject(revocation, serial);
    return tracedPublication(numbered, (traceHeaders) =>
      this.#send(subject, event, to, { msgID, ...traceHeaders }),
    );
  }

  /**
   * Reads acknowledged messages back: a reconfigured stream may store them where no verifier looks, and a
   * duplicate may have been deleted since. The newest new message and all duplicates are enough.
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
   * @returns the sequence of the watermark
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
