import { Module } from '@nestjs/common';
import { Receipts } from '../receipts/receipts.js';
import { VerifierDirectory } from '../receipts/verifier-directory.js';
import { EventPublisher } from './event-publisher.js';
import { NatsLink } from './nats-link.js';
import { RelayObservation } from './relay-observation.js';
import { RelayRound } from './relay-round.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord } from './revocation-record.js';
import { RevocationRelay } from './revocation-relay.js';
import { RevocationStream } from './revocation-stream.js';
import { ConfigurableModuleClass } from './revocations.module-definition.js';
import { SerialNumbers } from './serial-numbers.js';
import { SigningKeyRevocation } from './signing-key-revocation.js';

@Module({
  providers: [
    EventPublisher,
    NatsLink,
    Receipts,
    RelayObservation,
    RelayRound,
    RevocationOutbox,
    RevocationRecord,
    RevocationRelay,
    RevocationStream,
    SerialNumbers,
    SigningKeyRevocation,
    VerifierDirectory,
  ],
  exports: [Receipts, RevocationOutbox, RevocationRecord, RevocationRelay, SigningKeyRevocation],
})
export class RevocationsModule extends ConfigurableModuleClass {}
