import {
  answerTime,
  hasArrived,
  KEPT_TRAVELS,
  legsOf,
  positionIn,
  withTravel,
  type Travel,
} from './travel.js';

const TRAVEL: Travel = {
  number: 1,
  trigger: 'log_out',
  username: 'ada',
  clickedAt: 1_000,
  replicas: ['orders-1', 'payments'],
  answer: { status: 204, at: 1_080, position: 7 },
  sightings: [
    { replica: 'orders-1', position: 6, at: 1_070 },
    { replica: 'orders-1', position: 7, at: 1_079 },
    { replica: 'payments', position: 7, at: 1_083 },
    { replica: 'payments', position: 7, at: 1_090 },
  ],
  refusals: { 'orders-1': { status: 401, at: 1_085 } },
  otherAnswers: {},
};

const { answer: ANSWER, ...UNANSWERED } = TRAVEL;

describe('the legs of a log-out', () => {
  it('are measured from the click and from the answer, by the first event of its position', () => {
    expect(legsOf(TRAVEL)).toEqual([
      {
        replica: 'orders-1',
        sinceClick: 79,
        sinceAnswer: -1,
        refusedSinceAnswer: 5,
        refusedStatus: 401,
        otherAnswer: undefined,
      },
      {
        ...{ replica: 'payments', sinceClick: 83, sinceAnswer: 3 },
        ...{ refusedSinceAnswer: undefined, refusedStatus: undefined, otherAnswer: undefined },
      },
    ]);
    expect(answerTime(TRAVEL)).toBe(80);
  });

  it.each([
    ['before the answer', UNANSWERED],
    [
      'of an answer without a position',
      { ...TRAVEL, answer: { ...ANSWER!, status: 202, position: undefined } },
    ],
    ['of a position that nobody has seen', { ...TRAVEL, answer: { ...ANSWER!, position: 9 } }],
  ])('are unknown %s', (_, travel: Travel) => {
    for (const { sinceClick, sinceAnswer } of legsOf(travel))
      expect([sinceClick, sinceAnswer]).toEqual([undefined, undefined]);
  });

  it('say what late replicas do instead', () => {
    const answer = { status: 503, code: 'revocations_stale' };
    const otherAnswers = { 'orders-1': { status: 200, code: undefined }, payments: answer };
    const others = (travel: Travel) => legsOf(travel).map(({ otherAnswer }) => otherAnswer);
    expect(others({ ...TRAVEL, otherAnswers })).toEqual([undefined, undefined]);
    expect(others({ ...TRAVEL, otherAnswers, isLate: true })).toEqual([undefined, answer]);
  });

  it('are complete once every replica has rejected the old token', () => {
    expect(hasArrived(TRAVEL)).toBe(false);
    const refusals = { ...TRAVEL.refusals, payments: { status: 401, at: 1_100 } };
    expect(hasArrived({ ...TRAVEL, refusals })).toBe(true);
    expect(hasArrived({ ...UNANSWERED, refusals })).toBe(false);
  });
});

describe('the log-outs that are kept', () => {
  it('are the newest hundred, each once', () => {
    let travels: readonly Travel[] = [];
    for (let number = 1; number <= KEPT_TRAVELS + 5; number++)
      travels = withTravel(travels, { ...TRAVEL, number });
    expect(travels.map(({ number }) => number)).toEqual(
      Array.from({ length: KEPT_TRAVELS }, (_, index) => index + 6),
    );
    const changed = withTravel(travels, { ...TRAVEL, number: 50, username: 'grace' });
    expect(changed).toHaveLength(KEPT_TRAVELS);
    expect(changed.filter(({ username }) => username === 'grace')).toHaveLength(1);
  });
});

describe('the position of a revocation', () => {
  it.each([
    ['7', 7],
    ['999999999999999', 999_999_999_999_999],
    ['', undefined],
    ['-1', undefined],
    ['7, 8', undefined],
    ['1e3', undefined],
    ['9999999999999999', undefined],
  ])('%j is %s', (text, position) => {
    expect(positionIn(new Headers({ 'Revocation-Position': text }))).toBe(position);
  });

  it('is unknown without the header', () => {
    expect(positionIn(new Headers())).toBeUndefined();
  });
});
