import { checkHistory } from './check-history.js';
import { BOUNDS, call, EXPIRES_AT, fault, logIn, logOut, refresh } from './history-fixture.js';
import type { Fault, Operation } from './history.js';

const judge = (operations: Operation[], faults: Fault[] = []) =>
  checkHistory({ operations: [logIn(0), ...operations], faults }, BOUNDS);
const kinds = (operations: Operation[], faults?: Fault[]) =>
  judge(operations, faults).violations.map(({ kind }) => kind);

const REFUSE = { route: 'refuse' } as const;
const REFUSED = { answer: 'refused' } as const;

describe('checkHistory', () => {
  it('finds nothing in a session that is used, refreshed, ended and refused', () => {
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

    it('judges by when the call began, not by when it was answered', () => {
      expect(kinds([logOut(1_000), call(1_900, { endedAt: 9_000 })])).toEqual([]);
    });

    it('counts from the answer of the log-out', () => {
      expect(kinds([logOut(9_000, { startedAt: 1_000 }), call(9_900)])).toEqual([]);
    });

    it('holds a log-out that was merely recorded to the same bound', () => {
      const recorded = logOut(1_000, { answer: 'recorded' });
      expect(kinds([recorded, call(2_001)])).toEqual(['accepted after log-out']);
    });

    it.each(['unanswered', 'unavailable', 'refused'] as const)(
      'expects nothing of a log-out that was %s',
      (answer) => {
        const broken = [fault(0, 1_000)];
        expect(kinds([logOut(900, { answer }), call(50_000)], broken)).not.toContain('lost');
        expect(kinds([logOut(900, { answer }), refresh(50_000)], broken)).not.toContain(
          'refreshed after log-out',
        );
      },
    );

    it('leaves other sessions alone', () => {
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

    it('lets an accepting route accept until everything is whole, settled and told', () => {
      const settled = cut.endedAt + BOUNDS.settling;
      const told = settled + BOUNDS.connected;
      expect(kinds([logOut(1_000), call(30_000), call(settled), call(told)], [cut])).toEqual([]);
      expect(kinds([logOut(1_000), call(told + 1)], [cut])).toEqual(['lost']);
    });

    it('expects the short bound of a verifier that the fault cannot reach', () => {
      const elsewhere = fault(500, 60_000, ['payments']);
      expect(kinds([logOut(1_000), call(2_001)], [elsewhere])).toEqual(['accepted after log-out']);
      const payments = { verifier: 'payments' };
      expect(kinds([logOut(1_000), call(2_001, payments)], [elsewhere])).toEqual([]);
    });

    it('is not whole while one of two faults lasts', () => {
      const faults = [fault(500, 20_000), fault(15_000, 40_000)];
      expect(kinds([logOut(1_000), call(39_000)], faults)).toEqual([]);
      expect(kinds([logOut(1_000), call(43_001)], faults)).toEqual(['lost']);
    });
  });

  it('finds a log-out that took effect and was forgotten by a fault that came later', () => {
    const operations = [logOut(1_000), call(1_500, REFUSED), call(23_001)];
    expect(kinds(operations, [fault(10_000, 20_000)])).toEqual(['lost']);
  });

  describe('refreshes', () => {
    it('finds one that was accepted after the log-out', () => {
      expect(kinds([logOut(1_000), refresh(1_001)])).toEqual(['refreshed after log-out']);
    });

    it('takes one that was under way at the log-out for either', () => {
      expect(kinds([logOut(1_000), refresh(1_000), refresh(995, { presented: 'r2' })])).toEqual([]);
    });

    it('finds one that was refused although nobody had ended the session', () => {
      expect(kinds([refresh(100, REFUSED)])).toEqual(['refused without cause']);
    });

    it('lets the reuse of a refresh token end the session', () => {
      const reuse = refresh(20_000, REFUSED);
      expect(kinds([refresh(100), reuse, call(20_100, REFUSED)])).toEqual([]);
      expect(kinds([refresh(100), reuse, call(19_000, REFUSED)])).toEqual([
        'refused without cause',
      ]);
    });
  });

  describe('refusals without a cause', () => {
    it.each([
      ['while nothing was broken', []],
      ['while something was broken', [fault(0, 10_000)]],
    ])('are found %s', (_, faults) => {
      expect(kinds([call(100, REFUSED)], faults)).toEqual(['refused without cause']);
    });

    it('end where a log-out begins, whatever came of it', () => {
      const unanswered = logOut(1_000, { answer: 'unanswered' });
      const broken = [fault(900, 1_100)];
      expect(kinds([unanswered, call(985, REFUSED)], broken)).toEqual([]);
      expect(kinds([unanswered, call(979, REFUSED)], broken)).toEqual(['refused without cause']);
    });

    it('end where the token expires, give or take the tolerance', () => {
      const endedAt = EXPIRES_AT - BOUNDS.expiryTolerance;
      expect(kinds([call(endedAt - 10, { ...REFUSED, endedAt })])).toHaveLength(1);
      expect(kinds([call(endedAt - 10, { ...REFUSED, endedAt: endedAt + 1 })])).toEqual([]);
    });

    it('are found of a log-out, too', () => {
      expect(kinds([logOut(1_000, REFUSED)])).toEqual(['refused without cause']);
      expect(kinds([logOut(900), logOut(1_000, REFUSED)])).toEqual([]);
    });
  });

  it('finds an expired token that was accepted, however it was revoked', () => {
    const latest = EXPIRES_AT + BOUNDS.expiryTolerance;
    expect(kinds([call(latest)])).toEqual([]);
    expect(kinds([call(latest + 1)])).toEqual(['accepted after expiry']);
  });

  describe('what was not available', () => {
    const answers = ['unavailable', 'unanswered'] as const;

    it.each(answers)('is found when it was %s while nothing was broken', (answer) => {
      expect(kinds([call(100, { answer })])).toEqual(['unavailable without cause']);
      expect(kinds([refresh(100, { answer })])).toEqual(['unavailable without cause']);
      expect(kinds([logOut(100, { answer })])).toEqual(['unavailable without cause']);
    });

    it.each(answers)('may be %s from the start of a fault until all is settled', (answer) => {
      const broken = [fault(1_000, 5_000)];
      expect(kinds([call(900, { answer, endedAt: 1_000 })], broken)).toEqual([]);
      expect(kinds([call(6_999, { answer, endedAt: 30_000 })], broken)).toEqual([]);
      expect(kinds([call(7_000, { answer })], broken)).toHaveLength(1);
    });

    it('is found of a part that the fault cannot reach', () => {
      const broken = [fault(0, 5_000, ['payments'])];
      expect(kinds([call(100, { answer: 'unavailable' })], broken)).toHaveLength(1);
      expect(kinds([refresh(100, { answer: 'unavailable' })], broken)).toHaveLength(1);
    });
  });

  describe('when the database went back', () => {
    const lost = { ...fault(10_000, 20_000), rewinds: true };
    const issued = { token: 't2', expiresAt: EXPIRES_AT };

    it('expects nothing more of a log-out that was merely recorded meanwhile', () => {
      const recorded = { answer: 'recorded' } as const;
      expect(kinds([logOut(15_000, recorded), call(60_000)], [lost])).toEqual([]);
      expect(kinds([logOut(15_000), call(60_000)], [lost])).toEqual(['lost']);
      expect(kinds([logOut(9_000, recorded), call(60_000)], [lost])).toEqual(['lost']);
    });

    it('expects a refresh of no session that it can have forgotten, and else of each', () => {
      const later = refresh(60_000, { ...REFUSED, presented: 'r2' });
      expect(kinds([refresh(15_000, { issued }), later], [lost])).toEqual([]);
      expect(kinds([refresh(5_000, { issued }), later], [lost])).toEqual(['refused without cause']);
      const before = refresh(9_000, { ...REFUSED, presented: 'r2' });
      expect(kinds([before, refresh(15_000, { presented: 'r3', issued })], [lost])).toEqual([
        'refused without cause',
      ]);
    });

    it('lets a session end by a refresh token that it can have forgotten, and by no other', () => {
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

    it('has every token accepted that was issued meanwhile', () => {
      const refused = call(60_000, { ...REFUSED, token: 't2' });
      expect(kinds([refresh(15_000, { issued }), refused], [lost])).toEqual([
        'refused without cause',
      ]);
    });
  });

  it('refuses to judge a token that no answer issued', () => {
    expect(() => kinds([call(100, { token: 'stolen' })])).toThrow('stolen');
  });

  it('says where and when, and by which log-out', () => {
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

  it('measures the worst exposure by kind of route, apart from faults and under them', () => {
    const issued = { token: 't2', expiresAt: EXPIRES_AT };
    const second = { session: 's2', token: 't2' };
    const { exposure } = judge(
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
    expect(exposure).toEqual({
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
