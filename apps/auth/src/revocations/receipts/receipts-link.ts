import { Injectable } from '@nestjs/common';
import { NatsLink } from '../nats-link.js';

/**
 * A separate connection for the verifiers' reports. Anyone with a verifier's password can send them faster
 * than they can be read, and what waits in a connection keeps everything behind it waiting: JetStream's
 * acknowledgements would time out, and nothing would be published.
 */
@Injectable()
export class ReceiptsLink extends NatsLink {
  protected override readonly clientName = 'auth receipts';
}
