import {
  eventClaimsToMessage,
  REVOCATION_STREAM,
  WATERMARK_SUBJECT,
  type FeedMessage,
  type Revocation,
  type Watermark,
} from '@latchkey/contracts';
import { KeyEncryption, KeyRing } from '@latchkey/issuer';
import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { createDataSource } from '@latchkey/service-kit';
import { waitFor } from '@latchkey/testing';
import { connect } from '@nats-io/transport-node';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { ServiceClock } from '../src/platform/clock/service-clock.js';
import { keyPolicy } from '../src/keys/key-timing.js';
import { PostgresSigningKeyStore } from '../src/keys/postgres-signing-key-store.js';
import { SigningKeyEntity } from '../src/keys/signing-key.entity.js';
import { TokenLifetimeEntity } from '../src/keys/token-lifetime.entity.js';
import { TokenLifetimes } from '../src/keys/token-lifetimes.js';
import { EventPublisher } from '../src/revocations/event-publisher.js';
import { ExpiredRevocations } from '../src/revocations/expired-revocations.js';
import { RecordedKeyRevocation } from '../src/revocations/recorded-key-revocation.js';
import { NatsLink } from '../src/revocations/nats-link.js';
import { RecordAudit } from '../src/revocations/record-audit.js';
import { RecordRecovery } from '../src/revocations/record-recovery.js';
import { SerialHighWaterMark } from '../src/revocations/serial-high-water-mark.js';
import { RelayRound } from '../src/revocations/relay-round.js';
import { RevocationOutbox } from '../src/revocations/revocation-outbox.js';
import { RevocationRecord } from '../src/revocations/revocation-record.js';
import { RevocationRelay } from '../src/revocations/revocation-relay.js';
import { RevocationEntity } from '../src/revocations/revocation.entity.js';
import { RevocationStream } from '../src/revocations/revocation-stream.js';
import { Revocations } from '../src/revocations/revocations.js';
import { SerialNumbers } from '../src/revocations/serial-numbers.js';
import { RECORD } from './record-fixture.js';
import { withoutLiveEvents } from './live-events-fixture.js';
import { storedId } from './stored-id-fixture.js';
import { SigningKeyRevocation } from '../src/admin/signing-key-revocation.js';
import { StoredMessages } from '../src/revocations/stored-messages.js';
import { StreamRecord } from '../src/revocations/stream-record.js';
import { StreamSetup } from '../src/revocations/stream-setup.js';
import { UnreadableRows } from '../src/revocations/unreadable-rows.js';

const ISSUER = 'http://127.0.0.1:4000';
export const accessTokenLifetimeSeconds = 300;
const keyEncryptionKey = randomBytes(32);

export type Replica = Awaited<ReturnType<typeof startReplica>>;

/** The part of an auth replica that publishes revocations, with connections of its own. */
export async function startReplica(
  databaseUrl: string,
  natsUrl: string,
  password: string,
  issuer = ISSUER,
  clock = new ServiceClock(),
) {
  const logged = { text: '' };
  const log = pino({ level: 'error' }, { write: (line: string) => void (logged.text += line) });
  const dataSource = createDataSource({ url: databaseUrl, ...RECORD });
  await dataSource.initialize();
  const nats = { servers: natsUrl, user: 'auth', password };
  const options = { issuer, accessTokenLifetimeSeconds, streamReplicas: 1 as const, nats };
  const store = new PostgresSigningKeyStore(dataSource.getRepository(SigningKeyEntity), clock);
  const lifetimes = new TokenLifetimes(
    dataSource.getRepository(TokenLifetimeEntity),
    clock,
    options,
  );
  const policy = keyPolicy({ publishAheadSeconds: 0, rotationSeconds: 3600 }, lifetimes);
  const ring = new KeyRing({ store, policy, encryption: new KeyEncryption(keyEncryptionKey) });
  const record = new RevocationRecord(options, clock);
  const table = dataSource.getRepository(RevocationEntity);
  const outbox = new RevocationOutbox(table, clock, new UnreadableRows(options, log));
  const expired = new ExpiredRevocations(dataSource, clock, lifetimes);
  const streamRecord = new StreamRecord(dataSource, clock);
  const link = new NatsLink(options, log);
  const highWaterMark = new SerialHighWaterMark();
  const serials = new SerialNumbers(table, highWaterMark, options);
  const messages = new StoredMessages(ring, options);
  const recordedKeyRevocation = new RecordedKeyRevocation(dataSource, ring, store, record, outbox);
  const recovery = new RecordRecovery(streamRecord, ring, recordedKeyRevocation, lifetimes, log);
  const audit = new RecordAudit(streamRecord, messages);
  const setup = new StreamSetup(options, lifetimes, log);
  const stream = new RevocationStream(
    streamRecord,
    highWaterMark,
    audit,
    recovery,
    setup,
    messages,
    options,
    log,
  );
  const publisher = new EventPublisher(
    ring,
    outbox,
    serials,
    stream,
    messages,
    withoutLiveEvents(),
  );
  const round = new RelayRound(stream, outbox, streamRecord, publisher, ring, clock, options);
  const relay = new RevocationRelay(link, round, outbox, expired, publisher, ring, log);
  const revocations = new Revocations(dataSource, relay, outbox);
  const keyRevocation = new SigningKeyRevocation(recordedKeyRevocation, revocations, ring, clock);
  return {
    issuer,
    logged,
    dataSource,
    ring,
    record,
    outbox,
    streamRecord,
    publisher,
    link,
    round,
    relay,
    keyRevocation,
    async begin() {
      await ring.maintain();
      link.onApplicationBootstrap();
      relay.onApplicationBootstrap();
    },
    async end() {
      await relay.onApplicationShutdown();
      await link.onApplicationShutdown();
      await dataSource.destroy();
    },
    revoke(sessionId: string): Promise<Revocation> {
      return dataSource.transaction((manager) =>
        record.revoke(manager, { trigger: 'logout', sessionId: storedId(sessionId) }),
      );
    },
  };
}

/** Tries again on a busy machine, where a publication may take longer than its deadline. @returns the serial */
export const publishSurely = (
  { relay }: Replica,
  revocations: readonly Revocation[],
): Promise<number> => waitFor(() => relay.publish(revocations), { what: 'a serial' });

/** Reads the stream like a verifier: an event that no published key has signed is an error. */
export async function openStreamReader(natsUrl: string, password: string, ring: KeyRing) {
  const connection = await connect({
    servers: natsUrl,
    user: 'auth',
    pass: password,
    inboxPrefix: '_INBOX_auth',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 5_000 });

  const verified = async (event: string): Promise<FeedMessage> => {
    const keys = createLocalJWKSet({ keys: [...ring.publicKeys] });
    const { payload } = await jwtVerify(event, keys, { typ: 'secevent+jwt' });
    return eventClaimsToMessage(payload);
  };

  return {
    connection,

    info: (): Promise<StreamInfo> => manager.streams.info(REVOCATION_STREAM),

    async revocations(): Promise<Revocation[]> {
      const { state } = await manager.streams.info(REVOCATION_STREAM);
      const found: Revocation[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
        const stored = await manager.direct.getMessage(REVOCATION_STREAM, { seq });
        const message = stored && (await verified(stored.string()));
        if (message?.type === 'revocation') found.push(message.revocation);
      }
      return found;
    },

    async sessions(): Promise<string[]> {
      const revocations = await this.revocations();
      return revocations.flatMap((each) => (each.kind === 'session' ? [each.sessionId] : []));
    },

    async watermark(): Promise<Watermark | undefined> {
      const query = { last_by_subj: WATERMARK_SUBJECT };
      const stored = await manager.direct.getMessage(REVOCATION_STREAM, query);
      const message = stored && (await verified(stored.string()));
      return message?.type === 'watermark' ? message.watermark : undefined;
    },
  };
}
