import fc from 'fast-check';
import { DenyList } from '../src/index.js';
import {
  anyIdentity,
  anyTarget,
  clock,
  matches,
  revocation,
  sweep,
  watermark,
  type Target,
} from './deny-list-fixture.js';

describe('DenyList', () => {
  it('refuses exactly what a list that never forgets refuses, in any order', () => {
    fc.assert(
      fc.property(fc.array(anyTarget, { maxLength: 8 }), anyIdentity, (targets, probe) => {
        const list = new DenyList(clock().options);
        for (const one of targets) list.apply(revocation(one));
        expect(list.isRevoked(probe)).toBe(targets.some((one) => matches(one, probe)));
      }),
    );
  });

  it('holds every live entry and no long-expired one, however time passes', () => {
    const step = fc.oneof(
      fc.record({ apply: anyTarget, lifetime: fc.integer({ min: -60, max: 200 }) }),
      fc.record({ pass: fc.integer({ min: 0, max: 120 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), anyIdentity, (steps, probe) => {
        const time = clock();
        const list = new DenyList(time.options);
        const applied: { target: Target; until: number }[] = [];
        for (const one of steps) {
          if ('apply' in one) {
            const expiresAt = time.now() / 1000 + one.lifetime;
            list.apply(revocation(one.apply, expiresAt));
            applied.push({ target: one.apply, until: expiresAt + 5 });
          } else time.pass(one.pass);
          list.applyWatermark(watermark(time.now()));
          const now = time.now() / 1000;
          const hit = applied.some((one) => one.until > now && matches(one.target, probe));
          if (hit) expect(list.isRevoked(probe)).toBe(true);
        }
        // Entries of one name share the latest expiry.
        sweep(list, time.now());
        const now = time.now() / 1000;
        const named = applied.filter((one) => matches(one.target, { ...probe, issuedAt: 0 }));
        if (named.every((one) => one.until <= now)) expect(list.isRevoked(probe)).toBe(false);
      }),
    );
  });
});
