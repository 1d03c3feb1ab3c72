import {
  REVOCATION_POSITION_HEADER,
  type ReceiptsReply,
  type Revocation,
} from '@latchkey/contracts';
import type { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { Receipts } from './receipts/receipts.js';
import { keptSeconds } from '../platform/revocation-lifetime.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRelay } from './revocation-relay.js';
import type { SessionId } from '../platform/ids/stored-id.js';

interface EndedSession {
  readonly id: SessionId;
}

/** Publishes what was committed, and says truthfully whether it is on its way to the services. */
@Injectable()
export class RevocationAnswer {
  constructor(
    private readonly relay: RevocationRelay,
    private readonly outbox: RevocationOutbox,
    private readonly receipts: Receipts,
    private readonly lifetimes: TokenLifetimes,
  ) {}

  /**
   * `204` once the stream holds it, with its position; `202` while NATS cannot be reached. Without
   * anything new, because it had ended before, the same holds for what was recorded back then.
   *
   * @param sessions those that were to end, and may have ended before
   */
  async send(
    reply: FastifyReply,
    revocations: readonly Revocation[],
    sessions: readonly EndedSession[] = [],
  ): Promise<RevocationPendingReply | undefined> {
    const { pending } = await this.#publishAll(reply, revocations, sessions);
    if (pending) return pending;
    void reply.status(204);
    return undefined;
  }

  /** The same, where the answer waits for the verifiers' receipts: `200`. */
  async sendConfirmed(
    reply: FastifyReply,
    revocations: readonly Revocation[],
    withinMilliseconds: number,
    sessions: readonly EndedSession[] = [],
  ): Promise<RevocationPendingReply | ReceiptsReply> {
    const committedAt = performance.now();
    const { pending, published } = await this.#publishAll(reply, revocations, sessions);
    if (pending) return pending;
    void reply.status(200);
    const serial = published ?? (await this.outbox.numbered()).serials.through;
    return this.receipts.confirm(serial, withinMilliseconds, committedAt);
  }

  /** `202`: recorded, and how long it may take at most. */
  pending(reply: FastifyReply): RevocationPendingReply {
    void reply.status(202);
    const seconds = keptSeconds('session', this.lifetimes.longestSeconds);
    return { recorded: true, accessTokensMayLiveSeconds: seconds };
  }

  async #publishAll(
    reply: FastifyReply,
    revocations: readonly Revocation[],
    sessions: readonly EndedSession[],
  ): Promise<{ published?: number | undefined; pending?: RevocationPendingReply }> {
    const published = await this.publish(reply, revocations);
    if (published !== undefined) return { published };
    const isPending =
      revocations.length > 0 || (await this.outbox.isPending(sessions.map(({ id }) => id)));
    return isPending ? { pending: this.pending(reply) } : {};
  }

  /** Only the header, for answers that have a body of their own. @returns its number if the stream holds it */
  async publish(
    reply: FastifyReply,
    revocations: readonly Revocation[],
  ): Promise<number | undefined> {
    const { position } = await this.relay.publishNow(revocations);
    if (position === undefined) return undefined;
    void reply.header(REVOCATION_POSITION_HEADER, position);
    return Number(position);
  }
}
