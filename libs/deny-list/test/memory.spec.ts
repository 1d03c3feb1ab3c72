import { randomUUID } from 'node:crypto';
import { DenyList } from '../src/index.js';
import {
  clock,
  ISSUER,
  revocation,
  START,
  STEPS,
  sweep,
  token,
  watermark,
} from './deny-list-fixture.js';

describe('DenyList', () => {
  it('drops many entries that expire together step by step, until none is left', () => {
    const time = clock();
    const list = new DenyList(time.options);
    for (let index = 0; index < 25_000; index++)
      list.apply(revocation({ kind: 'token', tokenId: `t${index}` }, START + 10));
    time.pass(60);
    const dropped: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const before = list.size;
      list.applyWatermark(watermark(time.now() + step));
      dropped.push(before - list.size);
    }
    expect(list.size).toBe(0);
    expect(Math.max(...dropped)).toBeLessThan(1_000);
  });

  it('uses at most 40 bytes per entry at any size', () => {
    const list = new DenyList(clock().options);
    for (let count = 1; count <= 60_000; count++) {
      list.apply(revocation({ kind: 'session', sessionId: randomUUID() }));
      if (count > 20_000 && count % 1_000 === 0) expect(list.bytes / count).toBeLessThan(40);
    }
  });

  it('frees the memory of expired entries', () => {
    const time = clock();
    const list = new DenyList(time.options);
    for (let index = 0; index < 20_000; index++)
      list.apply(revocation({ kind: 'token', tokenId: `t${index}` }, START + 10));
    const full = list.bytes;
    time.pass(60);
    sweep(list, time.now());
    expect(list.bytes).toBeLessThan(full / 10);
  });

  it('does not grow after it has reserved room, and keeps earlier entries', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'session', sessionId: 'before' }));
    const counts = { session: 100_000, token: 0, subject: 3, client: 0, key: 0 };
    list.reserve(ISSUER, counts);
    const { bytes } = list;
    for (let index = 0; index < 100_000; index++)
      list.apply(revocation({ kind: 'session', sessionId: randomUUID() }));
    expect(list.bytes).toBe(bytes);
    expect(bytes / 100_000).toBeLessThan(32);
    list.reserve(ISSUER, { ...counts, session: 10 });
    expect(list.size).toBe(100_001);
    expect(list.isRevoked(token({ sessionId: 'before' }))).toBe(true);
    expect(list.isRevoked(token({ sessionId: 'another' }))).toBe(false);
  });

  it('reuses the room of expired entries before it grows', () => {
    const time = clock();
    const list = new DenyList(time.options);
    const fill = () => {
      list.applyWatermark(watermark(time.now()));
      const expiresAt = time.now() / 1000 + 10;
      for (let index = 0; index < 20_000; index++)
        list.apply(revocation({ kind: 'token', tokenId: randomUUID() }, expiresAt));
    };
    fill();
    const full = list.bytes;
    for (let round = 0; round < 5; round++) {
      time.pass(60);
      fill();
    }
    expect(list.bytes).toBeLessThan(full * 1.6);
  });

  it('finds each of many entries, and no absent one', () => {
    const list = new DenyList(clock().options);
    const ids = Array.from({ length: 30_000 }, () => randomUUID());
    for (const sessionId of ids) list.apply(revocation({ kind: 'session', sessionId }));
    expect(list.size).toBe(ids.length);
    expect(ids.every((sessionId) => list.isRevoked(token({ sessionId })))).toBe(true);
    const others = Array.from({ length: 30_000 }, () => randomUUID());
    expect(others.some((sessionId) => list.isRevoked(token({ sessionId })))).toBe(false);
  });
});
