import { textOf } from '../pages/statement-fixture.js';
import { scaleFindings } from './scale-findings.js';
import { SCALE_FIXTURE, scaled } from './scale-fixture.js';
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
    expect(found(JWT, REDIS)).toContain(
      'Redis is saturated from 8 replicas on: it is what holds them up.',
    );
    expect(found(JWT, REDIS)).toContain('They share nothing at request time.');
  });

  it('says that nothing was saturated where nothing was', () => {
    const free = scaled('session-redis', 'redis', { lambda: 150, sigma: 0.01, kappa: 0 });
    const text = found(JWT, free);
    expect(text).toContain('Redis was not saturated: it used 40% of its share with 16 replicas.');
    expect(text).not.toContain('is saturated');
  });

  it('says that the use is not known where the system does not tell it', () => {
    const unknown = {
      ...REDIS,
      saturatedAt: undefined,
      points: REDIS.points.map((point) => ({ ...point, sharedUse: undefined })),
    };
    expect(found(JWT, unknown)).toContain('How busy Redis was is not known.');
  });

  it('says how well the law meets what was measured, and nothing of more replicas', () => {
    const doubtful = { ...REDIS, fit: { ...REDIS.fit, rSquared: 0.61, peakReplicas: 12.2 } };
    const text = found(JWT, doubtful);
    expect(text).toContain('How well the fitted curves meet what was measured, up to 16 replicas.');
    expect(text).toMatch(/JWT, Latchkey, token seen before: λ 200, σ 0\.0, κ 0, R² 1\.00\.$/m);
    expect(text).toMatch(
      /session cookie, Redis: λ 150, .*R² 0\.61; the most at about 12 replicas.*; the law is not to be relied on here/,
    );
    expect(text).not.toMatch(/1,000|predicted/i);
  });

  it('says what the shared part carries, and what of that was not measured', () => {
    const free = { ...scaled('session-redis', 'redis', { lambda: 150, sigma: 0, kappa: 0 }) };
    expect(found(JWT, { ...REDIS, sharedLimit: 668 })).toMatch(/session cookie, Redis: 668\.$/m);
    expect(found(JWT, { ...free, sharedLimit: 668 })).toMatch(
      /session cookie, Redis: 668, predicted by its use and not measured\.$/m,
    );
    expect(found(JWT)).not.toContain('carries at most');
  });

  it('claims no lead where the passes overlap', () => {
    const same = scaled('session-redis', 'redis', { lambda: 199, sigma: 0, kappa: 0 });
    expect(found(JWT, same)).toContain('not clearly more than with “session cookie, Redis”');
  });

  it('compares at a number of replicas that all were measured with', () => {
    const fewer = { ...REDIS, points: REDIS.points.filter(({ replicas }) => replicas <= 4) };
    expect(found(JWT, fewer)).toContain('4 replicas answer most requests with');
    const none = { ...REDIS, points: REDIS.points.filter(({ replicas }) => replicas === 3) };
    expect(found(JWT, none)).not.toContain('Infinity');
  });

  it('compares nothing where no number of replicas is common', () => {
    const few = { ...JWT, points: JWT.points.filter(({ replicas }) => replicas < 4) };
    const many = { ...REDIS, points: REDIS.points.filter(({ replicas }) => replicas > 4) };
    expect(found(few, many)).not.toContain('answer most requests');
  });

  it('has one sentence for a single point, and names what is missing', () => {
    const single = { ...JWT, points: JWT.points.slice(0, 1) };
    const text = found(single);
    expect(text).toMatch(/198 requests per second with 1 replica\./);
    expect(text).toContain('“session cookie, Redis” (it needs a redis-server)');
    expect(text).not.toContain('passport');
  });

  it('finds nothing in a run without a point', () => {
    expect(found()).toBe('Nothing was measured in this run.');
    expect(found({ ...JWT, points: [] })).toBe('Nothing was measured in this run.');
  });
});
