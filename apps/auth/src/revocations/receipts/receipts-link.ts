import { Injectable } from '@nestjs/common';
import { NatsLink } from '../nats-link.js';

/**
 * A separate connection for verifiers' reports. On a shared one, anyone with a verifier's password could
 * flood it with reports, so JetStream's acknowledgements time out and nothing is published.
 */
@Injectable()
export class ReceiptsLink extends NatsLink {
  protected override readonly clientName = 'auth receipts';
}
