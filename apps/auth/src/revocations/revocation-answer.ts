import { REVOCATION_POSITION_HEADER, type ReceiptsReply } from '@latchkey/contracts';
import type { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { keptSeconds } from '../platform/revocation-lifetime.js';
import { Receipts } from './receipts/receipts.js';
import type { Committed } from './revocations.js';
import { StreamRecord } from './stream-record.js';

/** Maps the outcome of a revocation to HTTP. */
@Injectable()
export class RevocationAnswer {
  constructor(
    private readonly record: StreamRecord,
    private readonly receipts: Receipts,
    private readonly lifetimes: TokenLifetimes,
  ) {}

  /** Answers `204` with the serial in the header once the stream holds the revocations, else `202`. */
  send(reply: FastifyReply, committed: Committed): RevocationPendingReply | undefined {
    this.setHeader(reply, committed);
    if (committed.serial === 'pending') return this.#pending(reply);
    void reply.status(204);
    return undefined;
  }

  /** Like {@link send}, but waits for receipts of verifiers, and answers `200` with their count. */
  async sendConfirmed(
    reply: FastifyReply,
    committed: Committed,
    withinMilliseconds: number,
  ): Promise<RevocationPendingReply | ReceiptsReply> {
    this.setHeader(reply, committed);
    const { serial, committedAt } = committed;
    if (serial === 'pending') return this.#pending(reply);
    void reply.status(200);
    const through = serial === 'none' ? (await this.record.numbered()).serials.through : serial;
    return this.receipts.confirm(through, withinMilliseconds, committedAt);
  }

  /** Sets only the header, for answers with their own status and body. */
  setHeader(reply: FastifyReply, { serial }: Pick<Committed, 'serial'>): void {
    if (typeof serial === 'number') void reply.header(REVOCATION_POSITION_HEADER, String(serial));
  }

  /** The body says how long verifiers may still accept the tokens. */
  #pending(reply: FastifyReply): RevocationPendingReply {
    void reply.status(202);
    const seconds = keptSeconds('session', this.lifetimes.longestSeconds);
    return { recorded: true, accessTokensMayLiveSeconds: seconds };
  }
}
