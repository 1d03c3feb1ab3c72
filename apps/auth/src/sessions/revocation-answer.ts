import { REVOCATION_POSITION_HEADER, type Revocation } from '@latchkey/contracts';
import type { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { keptSeconds } from '../revocations/revocation-lifetime.js';
import { RevocationRelay } from '../revocations/revocation-relay.js';
import { SETTINGS, type Settings } from '../settings.js';

/** Publishes what was committed, and says truthfully whether it is on its way to the services. */
@Injectable()
export class RevocationAnswer {
  constructor(
    private readonly relay: RevocationRelay,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * `204` once the stream holds it, with its position; `202` while NATS cannot be reached. Without
   * anything new, because it had ended before, the same holds for what was recorded back then.
   */
  async send(
    reply: FastifyReply,
    revocations: readonly Revocation[],
  ): Promise<RevocationPendingReply | undefined> {
    const published = await this.publish(reply, revocations);
    if (published || (revocations.length === 0 && (await this.relay.backlog()) === 0)) {
      void reply.status(204);
      return undefined;
    }
    return this.pending(reply);
  }

  /** `202`: recorded, and how long it may take at most. */
  pending(reply: FastifyReply): RevocationPendingReply {
    void reply.status(202);
    const seconds = keptSeconds('session', this.settings.accessTokenLifetimeSeconds);
    return { recorded: true, accessTokensMayLiveSeconds: seconds };
  }

  /** Only the header, for answers that have a body of their own. @returns whether the stream holds it */
  async publish(reply: FastifyReply, revocations: readonly Revocation[]): Promise<boolean> {
    const { position } = await this.relay.publishNow(revocations);
    if (position !== undefined) void reply.header(REVOCATION_POSITION_HEADER, position);
    return position !== undefined;
  }
}
