import type { Revocation } from '@latchkey/contracts';
import type { StreamConfig, StreamState } from '@nats-io/jetstream';
import { isSupportedVersion } from './nats-link.js';
import { NOTHING_UNRECORDED, regressionOf, type Unrecorded } from './record-audit.js';
import type { RecordedStream } from './stream-record.js';
import { lossOf } from './revocation-stream.js';
import { keptSeconds, streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import { changeableConfig, deviations, mergedConfig } from './stream-config.js';

const epoch = 'e0e0e0e0-0000-4000-8000-000000000000';
const identity = { epoch, issuer: 'https://auth.test', recordId: 'r' };
const record = { epoch, recordId: 'r', nextSerial: 100 };
const recorded = { ...record, created: '2026-01-01T00:00:00Z', highest: 50, lowestLive: 10 };
const stream = (state: Partial<StreamState> = {}, over = {}) => ({
  created: recorded.created,
  config: { metadata: { 'latchkey-epoch': epoch } } as unknown as StreamConfig,
  state: { first_seq: 10, last_seq: 50, ...state } as StreamState,
  ...over,
});

describe('lossOf', () => {
  it('accepts the stream that was filled, also after it has grown', () => {
    expect(lossOf(recorded, stream(), 10)).toBeUndefined();
    expect(lossOf(recorded, stream({ last_seq: 90, first_seq: 5 }), 10)).toBeUndefined();
    expect(lossOf(recorded, stream({ first_seq: 51 }), undefined)).toBeUndefined();
  });

  it('reports no loss before a stream was set up', () => {
    expect(lossOf({ ...record, highest: 0 }, undefined, undefined)).toBeUndefined();
  });

  it.each([
    ['gone', undefined],
    ['created anew', stream({}, { created: '2026-01-02T00:00:00Z' })],
    ['of another epoch', stream({}, { config: { metadata: { 'latchkey-epoch': 'other' } } })],
    ['of another epoch', stream({}, { config: {} })],
    ['rolled back', stream({ last_seq: 49 })],
    ['truncated', stream({ first_seq: 11 })],
  ])('detects a stream that is %s', (loss, info) => {
    expect(lossOf(recorded, info, 10)).toBe(loss);
  });
});

describe('regressionOf', () => {
  const revocation = { kind: 'session' } as unknown as Revocation;
  const never = { ...record, highest: 0 };
  const place = { lastSequence: 50, first: true };

  it.each<[string | undefined, string, RecordedStream, Partial<Unrecorded>]>([
    ['the stream has higher serials', 'serials', recorded, { highestSerial: 100 }],
    [undefined, 'no serials', recorded, { highestSerial: 99 }],
    [
      'the stream has revocations that are missing from the record',
      'revocations',
      recorded,
      { revocations: [revocation] },
    ],
    ['the stream has newer messages than the record', 'the end', { ...recorded, highest: 49 }, {}],
    [undefined, 'a known end', { ...recorded, highest: 49 }, { lastMessageUnknown: false }],
    [undefined, 'nothing', recorded, {}],
    // The record is a backup from before the stream was set up.
    ['the stream has higher serials', 'serials', never, { highestSerial: 100 }],
    [
      'the stream has revocations that are missing from the record',
      'revocations',
      never,
      { revocations: [revocation] },
    ],
    [undefined, 'nothing', never, {}],
  ])('is %p if the record lacks %s', (expected, _, of, found) => {
    expect(regressionOf(of, { ...NOTHING_UNRECORDED, ...found }, place)).toBe(expected);
  });
});

describe('the stream configuration', () => {
  const settings = { longestTokenSeconds: 300, streamReplicas: 1 } as const;
  const wanted = changeableConfig(identity, settings);
  /** The configuration as nats-server 2.10 reports it. */
  const found = {
    name: 'REVOCATIONS',
    retention: 'limits',
    max_consumers: -1,
    max_msg_size: -1,
    storage: 'file',
    compression: 'none',
    allow_rollup_hdrs: false,
    deny_delete: false,
    deny_purge: false,
    mirror_direct: false,
    sealed: false,
    ...wanted,
    republish: { ...wanted.republish },
    metadata: { ...wanted.metadata, '_nats.level': '1' },
  } as unknown as StreamConfig;

  it.each([
    {},
    { description: 'the log-outs' },
    { placement: { tags: ['ssd'] } },
    { compression: 's2' },
    { deny_delete: true },
    { deny_purge: true },
    { max_age: wanted.max_age + 1 },
    { metadata: { ...wanted.metadata, team: 'identity' } },
    { a_member_of_a_newer_server: false },
    { persist_mode: 'default' },
  ])('accepts %j', (change) => {
    expect(deviations({ ...found, ...change } as StreamConfig, wanted)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['num_replicas', 3],
    ['subjects', ['other']],
    ['subjects', ['latchkey.revocations.>', 'more']],
    ['max_msgs_per_subject', 2],
    ['max_msgs', 1000],
    ['max_bytes', 1000],
    ['max_age', 1],
    ['max_msg_size', 200],
    ['max_consumers', 1],
    ['discard', 'new'],
    ['discard_new_per_subject', true],
    ['duplicate_window', 1],
    ['allow_direct', false],
    ['no_ack', true],
    ['sealed', true],
    ['storage', 'memory'],
    ['retention', 'interest'],
    ['consumer_limits', { inactive_threshold: 1 }],
    ['consumer_limits', undefined],
    ['subject_transform', { src: 'latchkey.revocations.>', dest: 'latchkey.revocations.x.>' }],
    ['republish', { src: 'latchkey.revocations.>', dest: 'elsewhere.>' }],
    ['republish', { ...wanted.republish, headers_only: true }],
    ['republish', undefined],
    ['mirror', { name: 'OTHER' }],
    ['sources', [{ name: 'OTHER' }]],
    ['allow_rollup_hdrs', true],
    ['allow_msg_ttl', true],
    ['a_member_of_a_newer_server', true],
    ['metadata', {}],
    ['metadata', { ...wanted.metadata, 'latchkey-issuer': 'https://other.test' }],
  ])('does not accept %s set to %j', (name, value) => {
    expect(deviations({ ...found, [name]: value }, wanted)).toEqual([name]);
  });

  it('unsets members that others have set, but keeps their metadata', () => {
    const edited = {
      ...found,
      sealed: true,
      subject_transform: { src: '>', dest: 'x.>' },
      metadata: { team: 'identity' },
    } as StreamConfig;
    expect(mergedConfig(wanted, edited)).toEqual({
      ...wanted,
      sealed: undefined,
      subject_transform: undefined,
      metadata: { team: 'identity', ...wanted.metadata },
    });
  });

  it('never shortens a max_age that another replica has set', () => {
    const longer = changeableConfig(identity, { ...settings, longestTokenSeconds: 3000 });
    expect(mergedConfig(wanted, longer as Partial<StreamConfig>).max_age).toBe(longer.max_age);
    expect(deviations(longer as Partial<StreamConfig>, wanted)).not.toContain('max_age');
  });
});

describe('the lifetime of revocations', () => {
  it.each([5, 300, 3600])(
    'keeps each revocation on the stream until it expires (tokens of %d s)',
    (life) => {
      expect(streamMaxAgeSeconds(life)).toBeGreaterThanOrEqual(keptSeconds('session', life) + 120);
    },
  );

  it('keeps the revocation of a key for as long as a disconnected verifier may trust the key', () => {
    expect(keptSeconds('key', 300)).toBeGreaterThan(86_400);
  });
});

describe('isSupportedVersion', () => {
  it.each([
    ['2.10.23', true],
    ['2.10.27', true],
    ['2.11.0-RC.1', true],
    ['3.0.0', true],
    ['2.10.22', false],
    ['2.9.99', false],
    ['unknown', false],
  ])('returns for %s: %s', (version, supported) => {
    expect(isSupportedVersion(version)).toBe(supported);
  });
});
