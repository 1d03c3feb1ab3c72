import { checkHistory } from './check-history.js';
import {
  BOUNDS,
  call,
  EXPIRES_AT,
  fault,
  logIn,
  logOut,
  refresh,
} from '../../test/history-fixture.js';
import type { Fault, Operation } from './history.js';

const judge = (operations: Operation[], faults: Fault[] = []) =>
  checkHistory({ operations: [logIn(0), ...operations], faults }, BOUNDS);
const kinds = (operations: Operation[], faults?: Fault[]) =>
  judge(operations, faults).violations.map(({ kind }) => kind);

const REFUSE = { route: 'refuse' } as const;
const REFUSED = { answer: 'refused' } as const;

describe('checkHistory', () => {
  it('finds no violation in a session that is used, refreshed, ended and refused', () => {
    const issued = { token: 't2', expiresAt: EXPIRES_AT };
    const operations = [
      call(100),
      refresh(200, { issued }),
      call(300, { token: 't2' }),
      logOut(500),
      call(600, REFUSED),
      call(600, { ...REFUSED, token: 't2', verifier: 'payments' }),
      call(700, REFUSED),
      refresh(800, { presented: 'r2', ...REFUSED }),
    ];
    expect(judge(operations)).toMatchObject({ violations: [], loggedOut: 1 });
  });

  describe('with nothing broken', () => {
    it.each([
      ['a millisecond before the bound', 2_000, []],
      ['a millisecond after the bound', 2_001, ['accepted after log-out']],
    ])('judges a call on any route that was accepted %s', (_, startedAt, expected) => {
      expect(kinds([logOut(1_000), call(startedAt)])).toEqual(expected);
      expect(kinds([logOut(1_000), call(startedAt, REFUSE)])).toEqual(expected);
    });

    it('judges by the start of the call, not by its answer', () => {
      expect(kinds([logOut(1_000), call(1_900, { endedAt: 9_000 })])).toEqual([]);
    });

    it('counts from the answer of the log-out', () => {
      expect(kinds([logOut(9_000, { startedAt: 1_000 }), call(9_900)])).toEqual([]);
    });

    it('applies the same bound to a log-out that was only recorded', () => {
      const recorded = logOut(1_000, { answer: 'recorded' });
      expect(kinds([recorded, call(2_001)])).toEqual(['accepted after log-out']);
    });

    it.each(['unanswered', 'unavailable', 'refused'] as const)(
      'expects no effect of a log-out that was %s',
      (answer) => {
        const broken = [fault(0, 1_000)];
        const without = kinds([logOut(900, { answer })], broken);
        expect(kinds([logOut(900, { answer }), call(50_000)], broken)).toEqual(without);
        expect(kinds([logOut(900, { answer }), refresh(50_000)], broken)).toEqual(without);
      },
    );

    it('does not affect other sessions', () => {
      const issued = { token: 't2', expiresAt: EXPIRES_AT };
      const other = { session: 's2', token: 't2' };
      expect(kinds([logIn(0, { ...other, issued }), logOut(1_000), call(9_000, other)])).toEqual(
        [],
      );
    });
  });

  describe('with something broken since before the log-out', () => {
    const cut = fault(500, 60_000);

    it.each([
      ['at', 9_000, []],
      ['after', 9_001, ['accepted after log-out']],
    ])('judges a call on a refusing route that was accepted %s its bound', (_, at, expected) => {
      expect(kinds([logOut(1_000), call(at, REFUSE)], [cut])).toEqual(expected);
    });

    it('lets an accepting route accept until the fault is over, settled and the log-out has arrived', () => {
      const settled = cut.endedAt + BOUNDS.settling;
      const told = settled + BOUNDS.connected;
      expect(kinds([logOut(1_000), call(30_000), call(settled), call(told)], [cut])).toEqual([]);
      expect(kinds([logOut(1_000), call(told + 1)], [cut])).toEqual(['lost']);
    });

    it('applies the short bound to a verifier that the fault does not affect', () => {
      const elsewhere = fault(500, 60_000, ['payments']);
      expect(kinds([logOut(1_000), call(2_001)], [elsewhere])).toEqual(['accepted after log-out']);
      const payments = { verifier: 'payments' };
      expect(kinds([logOut(1_000), call(2_001, payments)], [elsewhere])).toEqual([]);
    });

    it('waits for the end of overlapping faults', () => {
      const faults = [fault(500, 20_000), fault(15_000, 40_000)];
      expect(kinds([logOut(1_000), call(39_000)], faults)).toEqual([]);
      expect(kinds([logOut(1_000), call(43_001)], faults)).toEqual(['lost']);
    });
  });

  it('finds a log-out that took effect and was lost by a later fault', () => {
    const operations = [logOut(1_000), call(1_500, REFUSED), call(23_001)];
    expect(kinds(operations, [fault(10_000, 20_000)])).toEqual(['lost']);
  });

  describe('refreshes', () => {
    it('must not be accepted after the log-out', () => {
      expect(kinds([logOut(1_000), refresh(1_001)])).toEqual(['refreshed after log-out']);
    });

    it('may go either way if they overlap with the log-out', () => {
      expect(kinds([logOut(1_000), refresh(1_000), refresh(995, { presented: 'r2' })])).toEqual([]);
    });

    it('must not be refused before the session ends', () => {
      expect(kinds([refresh(100, REFUSED)])).toEqual(['refused without cause']);
    });

    it('may end the session if a refresh token is reused', () => {
      const reuse = refresh(20_000, REFUSED);
      expect(kinds([refresh(100), reuse, call(20_100, REFUSED)])).toEqual([]);
      expect(kinds([refresh(100), reuse, call(19_000, REFUSED)])).toEqual([
        'refused without cause',
      ]);
    });
  });

  describe('refusals without cause', () => {
    it.each([
      ['while nothing was broken', []],
      ['while something was broken', [fault(0, 10_000)]],
    ])('are found %s', (_, faults) => {
      expect(kinds([call(100, REFUSED)], faults)).toEqual(['refused without cause']);
    });

    it('are justified from the start of a log-out, whatever its answer', () => {
      const unanswered = logOut(1_000, { answer: 'unanswered' });
      const broken = [fault(900, 1_100)];
      expect(kinds([unanswered, call(985, REFUSED)], broken)).toEqual([]);
      expect(kinds([unanswered, call(979, REFUSED)], broken)).toEqual(['refused without cause']);
    });

    it('are justified once the token expires, within the tolerance', () => {
      const endedAt = EXPIRES_AT - BOUNDS.expiryTolerance;
      expect(kinds([call(endedAt - 10, { ...REFUSED, endedAt })])).toHaveLength(1);
      expect(kinds([call(endedAt - 10, { ...REFUSED, endedAt: endedAt + 1 })])).toEqual([]);
    });

    it('are found for log-outs, too', () => {
      expect(kinds([logOut(1_000, REFUSED)])).toEqual(['refused without cause']);
      expect(kinds([logOut(900), logOut(1_000, REFUSED)])).toEqual([]);
    });
  });

  it('finds an expired token that was accepted', () => {
    const latest = EXPIRES_AT + BOUNDS.expiryTolerance;
    expect(kinds([call(latest)])).toEqual([]);
    expect(kinds([call(latest + 1)])).toEqual(['accepted after expiry']);
  });

  describe('unavailability', () => {
    const answers = ['unavailable', 'unanswered'] as const;

    it.each(answers)('is a violation (%s) while nothing was broken', (answer) => {
      expect(kinds([call(100, { answer })])).toEqual(['unavailable without cause']);
      expect(kinds([refresh(100, { answer })])).toEqual(['unavailable without cause']);
      expect(kinds([logOut(100, { answer })])).toEqual(['unavailable without cause']);
    });

    it.each(answers)(
      'is allowed (%s) from the start of a fault until everything has settled',
      (answer) => {
        const broken = [fault(1_000, 5_000)];
        expect(kinds([call(900, { answer, endedAt: 1_000 })], broken)).toEqual([]);
        expect(kinds([call(6_999, { answer, endedAt: 30_000 })], broken)).toEqual([]);
        expect(kinds([call(7_000, { answer })], broken)).toHaveLength(1);
      },
    );

    it('is a violation for a part that the fault does not affect', () => {
      const broken = [fault(0, 5_000, ['payments'])];
      expect(kinds([call(100, { answer: 'unavailable' })], broken)).toHaveLength(1);
      expect(kinds([refresh(100, { answer: 'unavailable' })], broken)).toHaveLength(1);
    });
  });

  describe('when the database was rolled back', () => {
    const lost = { ...fault(10_000, 20_000), rewinds: true };
    const issued = { token: 't2', expiresAt: EXPIRES_AT };

    it('does not hold a log-out to its promise that was only recorded meanwhile', () => {
      const recorded = { answer: 'recorded' } as const;
      expect(kinds([logOut(15_000, recorded), call(60_000)], [lost])).toEqual([]);
      expect(kinds([logOut(15_000), call(60_000)], [lost])).toEqual(['lost']);
      expect(kinds([logOut(9_000, recorded), call(60_000)], [lost])).toEqual(['lost']);
    });

    it('allows refused refreshes only for sessions whose refresh tokens it can have lost', () => {
      const later = refresh(60_000, { ...REFUSED, presented: 'r2' });
      expect(kinds([refresh(15_000, { issued }), later], [lost])).toEqual([]);
      expect(kinds([refresh(5_000, { issued }), later], [lost])).toEqual(['refused without cause']);
      const before = refresh(9_000, { ...REFUSED, presented: 'r2' });
      expect(kinds([before, refresh(15_000, { presented: 'r3', issued })], [lost])).toEqual([
        'refused without cause',
      ]);
    });

    it('lets only a refresh token that it can have lost end a session', () => {
      const forgotten = refresh(21_000, { ...REFUSED, presented: 'r2' });
      const refused = call(22_000, { ...REFUSED, token: 't2' });
      const before = call(20_500, { ...REFUSED, token: 't2' });
      expect(kinds([refresh(15_000, { issued }), forgotten, refused], [lost])).toEqual([]);
      expect(kinds([refresh(15_000, { issued }), forgotten, before], [lost])).toEqual([
        'refused without cause',
      ]);
      expect(kinds([refresh(5_000, { issued }), forgotten, refused], [lost])).toEqual([
        'refused without cause',
        'refused without cause',
      ]);
    });

    it('expects access tokens issued meanwhile to be accepted', () => {
      const refused = call(60_000, { ...REFUSED, token: 't2' });
      expect(kinds([refresh(15_000, { issued }), refused], [lost])).toEqual([
        'refused without cause',
      ]);
    });
  });

  it('rejects a history with a token that no answer issued', () => {
    expect(() => kinds([call(100, { token: 'stolen' })])).toThrow('stolen');
  });

  it('explains a violation, with the log-out', () => {
    const done = logOut(1_000);
    const late = call(2_500);
    expect(judge([done, late]).violations).toEqual([
      {
        kind: 'accepted after log-out',
        operation: late,
        logOut: done,
        explanation:
          'orders (accept) accepted a token of s1 1500 ms after its log-out was answered',
      },
    ]);
  });

  it('measures the longest stale reads by kind of route, with and without faults', () => {
    const issued = { token: 't2', expiresAt: EXPIRES_AT };
    const second = { session: 's2', token: 't2' };
    const { staleReads } = judge(
      [
        logOut(1_000),
        call(900),
        call(1_020),
        call(1_400, REFUSE),
        call(1_300, { ...REFUSE, verifier: 'payments' }),
        call(5_000, REFUSED),
        logIn(9_000, { ...second, issued }),
        logOut(21_000, second),
        call(29_000, { ...second, ...REFUSE }),
        call(30_000, second),
      ],
      [fault(20_000, 40_000)],
    );
    expect(staleReads).toEqual({
      accept: { connected: 20, broken: 9_000 },
      refuse: { connected: 400, broken: 8_000 },
    });
  });

  it('counts the log-outs that every verifier was seen to refuse', () => {
    const payments = { verifier: 'payments' };
    const before = [call(100), call(100, payments), logOut(1_000), call(1_100, REFUSED)];
    expect(judge(before)).toMatchObject({ loggedOut: 1, seenRefusedEverywhere: 0 });
    const expired = call(EXPIRES_AT, { ...payments, ...REFUSED });
    expect(judge([...before, expired])).toMatchObject({ seenRefusedEverywhere: 0 });
    const after = [...before, call(1_100, { ...payments, ...REFUSED })];
    expect(judge(after)).toMatchObject({ loggedOut: 1, seenRefusedEverywhere: 1 });
  });
});
