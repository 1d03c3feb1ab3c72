import { AUDIT_EVENT_NAMES } from '@latchkey/contracts/auth-api';
import { AUDIT_EVENTS, type AuditEvent } from './audit-event.js';
import { DroppedEvents } from './dropped-events.js';
import { EventBudget } from './event-budget.js';
import { eventIdAt, firstIdAt } from './event-id.js';
import { TrailLimits } from './trail-limits.js';

const MINUTE = 60_000;
const admitted = (count: number, admits: () => boolean) =>
  Array.from({ length: count }, admits).filter(Boolean).length;

describe('EventBudget', () => {
  const clock = { now: 0 };
  const budget = () => new EventBudget({ burst: 10, perMinute: 2 }, () => clock.now);

  it('admits a burst, then as many as its rate allows, for each key', () => {
    const events = budget();
    expect(admitted(50, () => events.admits('ada'))).toBe(10);
    expect(admitted(50, () => events.admits('grace'))).toBe(10);
    clock.now += 3 * MINUTE;
    expect(admitted(50, () => events.admits('ada'))).toBe(6);
    clock.now += 1_000 * MINUTE;
    expect(admitted(50, () => events.admits('ada'))).toBe(10);
  });

  it('lets all keys beyond a number share one budget, until others are full again', () => {
    const events = budget();
    for (let key = 0; key < 10_000; key += 1) events.admits(`key ${key}`);
    expect(admitted(100, () => events.admits(`new ${Math.random()}`))).toBe(10);
    clock.now += 10 * MINUTE;
    expect(admitted(100, () => events.admits(`new ${Math.random()}`))).toBe(100);
  });
});

describe('TrailLimits', () => {
  const NOBODY = { subject: null, client: null, by: null };
  const limits = () => new TrailLimits(() => 0);
  const flood = (of: TrailLimits, event: AuditEvent, more: object = {}) =>
    admitted(1_000, () => of.admits({ ...NOBODY, event, ...more }));

  it('does not let refusals crowd out what their victim does', () => {
    const of = limits();
    expect(flood(of, 'login_failed', { subject: 'ada' })).toBe(60);
    expect(flood(of, 'login_failed', { subject: 'grace' })).toBe(0);
    expect(flood(of, 'client_token_refused')).toBe(60);
    expect(flood(of, 'token_exchange_refused')).toBe(60);
    expect(flood(of, 'login', { subject: 'ada', client: 'web' })).toBe(120);
    expect(flood(of, 'logout', { subject: 'grace' })).toBe(120);
    expect(flood(of, 'client_token_issued', { client: 'web' })).toBe(120);
  });

  it.each([
    ['token_exchanged', 120],
    ['transaction_token_issued', 120],
    ['client_token_issued', 120],
    ['password_change_failed', 60],
  ] as const)('does not let %s crowd out what else its user does', (event, stored) => {
    const of = limits();
    expect(flood(of, event, { subject: 'ada', client: 'web' })).toBe(stored);
    for (const other of ['login', 'password_changed', 'refresh_token_reused', 'logout'] as const)
      expect(of.admits({ ...NOBODY, event: other, subject: 'ada' })).toBe(true);
    expect(flood(of, 'session_ended', { subject: 'ada' })).toBe(116);
  });

  it('never drops what administrators do', () => {
    expect(flood(limits(), 'user_disabled', { subject: 'ada', by: 'admin' })).toBe(1_000);
  });
});

describe('DroppedEvents', () => {
  it('are reported once a minute, and when the service stops', () => {
    const clock = { now: 0 };
    const dropped = new DroppedEvents(() => clock.now);
    expect(dropped.take(true)).toEqual([]);
    for (const event of ['login', 'login', 'logout'] as const) dropped.note(event);
    clock.now += MINUTE - 1;
    expect(dropped.take(false)).toEqual([]);
    clock.now += 1;
    const counts = [
      { dropped: 'login', count: 2 },
      { dropped: 'logout', count: 1 },
    ];
    expect(dropped.take(false)).toEqual(counts);
    expect(dropped.take(true)).toEqual([]);
    dropped.note('login');
    expect(dropped.take(true)).toEqual([{ dropped: 'login', count: 1 }]);
    expect(dropped.total).toBe(4);
  });
});

describe('an event id', () => {
  it('is a UUIDv7 of its time, in the order of the events', () => {
    const at = Date.parse('2026-11-30T12:00:00.123Z');
    const ids = [at, at, at, at + 1].map(eventIdAt);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(4);
    expect(parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
    expect(ids.every((id) => id >= firstIdAt(at))).toBe(true);
    expect(ids[3]! >= firstIdAt(at + 1) && ids[2]! < firstIdAt(at + 1)).toBe(true);
  });
});

it('knows the same events as the contract', () => {
  expect([...AUDIT_EVENT_NAMES].sort()).toEqual([...AUDIT_EVENTS, 'events_dropped'].sort());
});
