import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RELAY } from '../platform/relay-database.js';
import { Receipts } from './receipts/receipts.js';
import { ReceiptsLink } from './receipts/receipts-link.js';
import { VerifierDirectory } from './receipts/verifier-directory.js';
import { CurrentRecord } from './current-record.js';
import { EventPublisher } from './event-publisher.js';
import { ExpiredRevocations } from './expired-revocations.js';
import { ForeignConsumers } from './foreign-consumers.js';
import { LiveIssuer } from './live-issuer.js';
import { NatsLink } from './nats-link.js';
import { RecordAudit } from './record-audit.js';
import { RecordedKeyRevocation } from './recorded-key-revocation.js';
import { RecordRecovery } from './record-recovery.js';
import { RelayObservation } from './relay-observation.js';
import { RelayRound } from './relay-round.js';
import { RevocationAnswer } from './revocation-answer.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord } from './revocation-record.js';
import { RevocationRelay } from './revocation-relay.js';
import { RevocationStreamEntity } from './revocation-stream.entity.js';
import { RevocationStream } from './revocation-stream.js';
import { RevocationEntity } from './revocation.entity.js';
import { ConfigurableModuleClass } from './revocations.module-definition.js';
import { Revocations } from './revocations.js';
import { SerialHighWaterMark } from './serial-high-water-mark.js';
import { SerialNumbers } from './serial-numbers.js';
import { StoredMessages } from './stored-messages.js';
import { StreamRecord } from './stream-record.js';
import { StreamSetup } from './stream-setup.js';
import { UnreadableRows } from './unreadable-rows.js';

/**
 * Records revocations and brings them to the verifiers. `RevocationRecord` writes them to Postgres, the record,
 * in the transaction of the change that causes them. `RevocationRelay` numbers, signs and publishes them, with a
 * watermark every second. `RevocationStream` sets up the stream, `RecordAudit` compares it with the record, and
 * `RecordRecovery` repairs a record that has gone backward. `receipts` collects the verifiers' reports. Other
 * modules commit revocations through `Revocations`.
 */
@Module({
  imports: [TypeOrmModule.forFeature([RevocationEntity, RevocationStreamEntity], RELAY)],
  providers: [
    CurrentRecord,
    EventPublisher,
    ExpiredRevocations,
    ForeignConsumers,
    LiveIssuer,
    NatsLink,
    Receipts,
    ReceiptsLink,
    RecordAudit,
    RecordedKeyRevocation,
    RecordRecovery,
    RelayObservation,
    RelayRound,
    RevocationAnswer,
    RevocationOutbox,
    RevocationRecord,
    RevocationRelay,
    Revocations,
    RevocationStream,
    SerialHighWaterMark,
    SerialNumbers,
    StoredMessages,
    StreamRecord,
    StreamSetup,
    UnreadableRows,
    VerifierDirectory,
  ],
  exports: [
    CurrentRecord,
    Receipts,
    RecordedKeyRevocation,
    RecordRecovery,
    RevocationAnswer,
    RevocationRecord,
    Revocations,
  ],
})
export class RevocationsModule extends ConfigurableModuleClass {}
