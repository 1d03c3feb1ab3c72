import type { StreamConfig, StreamState } from '@nats-io/jetstream';
import { isFitVersion } from './nats-link.js';
import { lossOf } from './revocation-stream.js';
import { keptSeconds, streamMaxAgeSeconds } from './revocation-lifetime.js';
import { changeableConfig, fits, longestAge } from './stream-config.js';

const epoch = 'e0e0e0e0-0000-4000-8000-000000000000';
const recorded = { epoch, created: '2026-01-01T00:00:00Z', highest: 50, lowestLive: 10 };
const stream = (state: Partial<StreamState> = {}, over = {}) => ({
  created: recorded.created,
  config: { metadata: { 'latchkey-epoch': epoch } } as unknown as StreamConfig,
  state: { first_seq: 10, last_seq: 50, ...state } as StreamState,
  ...over,
});

describe('lossOf', () => {
  it('finds nothing wrong with the stream that was filled, nor with one that went on', () => {
    expect(lossOf(recorded, stream(), 10)).toBeUndefined();
    expect(lossOf(recorded, stream({ last_seq: 90, first_seq: 5 }), 10)).toBeUndefined();
    expect(lossOf(recorded, stream({ first_seq: 51 }), undefined)).toBeUndefined();
  });

  it('says nothing of a stream that was never set up', () => {
    expect(lossOf({ epoch, highest: 0 }, undefined, undefined)).toBeUndefined();
  });

  it.each([
    ['gone', undefined],
    ['created anew', stream({}, { created: '2026-01-02T00:00:00Z' })],
    ['of another epoch', stream({}, { config: { metadata: { 'latchkey-epoch': 'other' } } })],
    ['of another epoch', stream({}, { config: {} })],
    ['rolled back', stream({ last_seq: 49 })],
    ['truncated', stream({ first_seq: 11 })],
  ])('recognises a stream that is %s', (loss, info) => {
    expect(lossOf(recorded, info, 10)).toBe(loss);
  });
});

describe('the configuration of the stream', () => {
  const wanted = changeableConfig(epoch, { accessTokenLifetimeSeconds: 300, streamReplicas: 1 });
  const found = { ...wanted, name: 'REVOCATIONS', sealed: false } as unknown as StreamConfig;

  it('fits although the server adds members and metadata of its own', () => {
    const metadata = { ...wanted.metadata, '_nats.level': '1' };
    expect(fits({ ...found, metadata }, wanted)).toBe(true);
  });

  it.each([
    { max_msgs_per_subject: 2 },
    { max_msgs: 1000 },
    { max_bytes: 1000 },
    { allow_direct: false },
    { republish: { src: 'latchkey.revocations.>', dest: 'elsewhere.>' } },
    { metadata: {} },
    { subjects: ['other'] },
    { max_age: 1 },
  ])('does not fit with %j', (change) => {
    expect(fits({ ...found, ...change }, wanted)).toBe(false);
  });

  it('never shortens the age that another replica asked for', () => {
    const longer = changeableConfig(epoch, { accessTokenLifetimeSeconds: 3000, streamReplicas: 1 });
    expect(longestAge(wanted, longer as Partial<StreamConfig>).max_age).toBe(longer.max_age);
    expect(fits(longer as unknown as StreamConfig, wanted)).toBe(true);
  });
});

describe('how long revocations live', () => {
  it.each([5, 300, 3600])(
    'keeps each on the stream until it has expired (tokens of %d s)',
    (life) => {
      expect(streamMaxAgeSeconds(life)).toBeGreaterThanOrEqual(keptSeconds('session', life) + 120);
    },
  );

  it('keeps the revocation of a key as long as a verifier that is cut off may trust the key', () => {
    expect(keptSeconds('key', 300)).toBeGreaterThan(86_400);
  });
});

describe('isFitVersion', () => {
  it.each([
    ['2.10.23', true],
    ['2.10.27', true],
    ['2.11.0-RC.1', true],
    ['3.0.0', true],
    ['2.10.22', false],
    ['2.9.99', false],
    ['unknown', false],
  ])('judges %s: %s', (version, fit) => {
    expect(isFitVersion(version)).toBe(fit);
  });
});
