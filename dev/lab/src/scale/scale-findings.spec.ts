import { textOf } from '../../test/statement-fixture.js';
import { scaleFindings } from './scale-findings.js';
import { SCALE_FIXTURE, scaled } from '../../test/scale-fixture.js';
import type { ScaledArchitecture } from './scale-report.js';

const found = (...architectures: readonly ScaledArchitecture[]) =>
  textOf(scaleFindings({ ...SCALE_FIXTURE, architectures }));

const JWT = scaled('jwt', undefined, { lambda: 200, sigma: 0, kappa: 0 });
const REDIS = scaled('session-redis', 'redis', {
  lambda: 150,
  sigma: 0.06,
  kappa: 0.0004,
  saturatedAt: 8,
});

describe('scaleFindings', () => {
  it('says from how many replicas on a shared part is saturated', () => {
    expect(found(JWT, REDIS)).toContain('Redis is saturated from 8 replicas on, and limits them.');
    expect(found(JWT, REDIS)).toContain('Requests need nothing shared.');
  });

  it('says that a shared part was not saturated', () => {
    const free = scaled('session-redis', 'redis', { lambda: 150, sigma: 0.01, kappa: 0 });
    const text = found(JWT, free);
    expect(text).toContain('Redis was not saturated: it used 40% of its share with 16 replicas.');
    expect(text).not.toContain('is saturated');
  });

  it('says that the use is unknown if the system does not report it', () => {
    const unknown = {
      ...REDIS,
      saturatedAt: undefined,
      points: REDIS.points.map((point) => ({ ...point, sharedUse: undefined })),
    };
    expect(found(JWT, unknown)).toContain('How busy Redis was is not known.');
  });

  it('says how well the law matches the measurements, without extrapolating', () => {
    const doubtful = { ...REDIS, fit: { ...REDIS.fit, rSquared: 0.61, peakReplicas: 12.2 } };
    const text = found(JWT, doubtful);
    expect(text).toContain('How well the fitted curves match the measurements, up to 16 replicas.');
    expect(text).toMatch(/JWT, Latchkey, token seen before: λ 200, σ 0\.0, κ 0, R² 1\.00\.$/m);
    expect(text).toMatch(
      /session cookie, Redis: λ 150, .*R² 0\.61; peak at about 12 replicas.*; do not rely on the law here/,
    );
    expect(text).toContain('They are not extrapolated');
    expect(text).not.toContain('extrapolated from its use');
  });

  it('gives the limits of the shared parts, and marks extrapolated ones', () => {
    const free = { ...scaled('session-redis', 'redis', { lambda: 150, sigma: 0, kappa: 0 }) };
    expect(found(JWT, { ...REDIS, sharedLimit: 668 })).toMatch(/session cookie, Redis: 668\.$/m);
    expect(found(JWT, { ...free, sharedLimit: 668 })).toMatch(
      /session cookie, Redis: 668, extrapolated from its use\.$/m,
    );
    expect(found(JWT)).not.toContain('can carry');
  });

  it('claims no lead if the passes overlap', () => {
    const same = scaled('session-redis', 'redis', { lambda: 199, sigma: 0, kappa: 0 });
    expect(found(JWT, same)).toContain('not clearly more than with “session cookie, Redis”');
  });

  it('compares at the largest common number of replicas', () => {
    const fewer = { ...REDIS, points: REDIS.points.filter(({ replicas }) => replicas <= 4) };
    expect(found(JWT, fewer)).toContain('4 replicas answer most requests with');
    const none = { ...REDIS, points: REDIS.points.filter(({ replicas }) => replicas === 3) };
    expect(found(JWT, none)).not.toContain('Infinity');
  });

  it('makes no comparison without a common number of replicas', () => {
    const few = { ...JWT, points: JWT.points.filter(({ replicas }) => replicas < 4) };
    const many = { ...REDIS, points: REDIS.points.filter(({ replicas }) => replicas > 4) };
    expect(found(few, many)).not.toContain('answer most requests');
  });

  it('handles a single point, and names what is missing', () => {
    const single = { ...JWT, points: JWT.points.slice(0, 1) };
    const text = found(single);
    expect(text).toMatch(/198 requests per second with 1 replica\./);
    expect(text).toContain('“session cookie, Redis” (it needs a redis-server)');
    expect(text).not.toContain('passport');
  });

  it('has no findings without points', () => {
    expect(found()).toBe('Nothing was measured in this run.');
    expect(found({ ...JWT, points: [] })).toBe('Nothing was measured in this run.');
  });
});
