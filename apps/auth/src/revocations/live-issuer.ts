import { KeyRing } from '@latchkey/issuer';
import { LiveEvents, type StatusPart } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { NatsLink } from './nats-link.js';
import { VerifierDirectory } from './receipts/verifier-directory.js';
import { RevocationRelay } from './revocation-relay.js';

/** Describes this service in its live status, as the source of keys and revocations. */
@Injectable()
export class LiveIssuer {
  constructor(
    private readonly relay: RevocationRelay,
    private readonly ring: KeyRing,
    private readonly verifiers: VerifierDirectory,
    link: NatsLink,
    live: LiveEvents,
  ) {
    live.describe(() => this.#status());
    link.onConnected(() => live.changed());
  }

  #status(): StatusPart {
    const { connected, backlog, watermarkAgeSeconds: age } = this.relay.status;
    const active = this.ring.states.find(({ state }) => state === 'active');
    return {
      natsConnected: connected,
      keyIds: this.ring.publicKeys.map(({ kid }) => kid),
      issuer: {
        signingKeyId: active?.keyId ?? null,
        unpublished: backlog,
        watermarkAgeMilliseconds: age === Infinity ? null : Math.round(age * 1000),
        verifiers: this.verifiers.known().size,
      },
    };
  }
}
