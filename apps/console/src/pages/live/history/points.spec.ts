import type { Travel } from '../travel/travel.js';
import { pointsByReplica, pointsOf } from './points.js';

const travel = (number: number, at: Readonly<Record<string, number>>): Travel => ({
  ...{ number, trigger: 'log_out', username: 'ada', clickedAt: 0, refusals: {} },
  otherAnswers: {},
  replicas: ['orders-1', 'payments'],
  answer: { status: 204, at: 100, position: number },
  sightings: Object.entries(at).map(([replica, time]) => ({ replica, position: number, at: time })),
});

describe('the points of the plot', () => {
  const points = pointsOf([
    travel(1, { 'orders-1': 99, payments: 104 }),
    travel(2, { payments: 101.5 }),
    travel(3, {}),
  ]);

  it('are one for each replica that was seen to know', () => {
    expect(points).toEqual([
      { replica: 'orders-1', number: 1, milliseconds: -1 },
      { replica: 'payments', number: 1, milliseconds: 4 },
      { replica: 'payments', number: 2, milliseconds: 1.5 },
    ]);
    expect(pointsOf([])).toEqual([]);
  });

  it('are grouped by replica', () => {
    const groups = pointsByReplica(points);
    expect([...groups.keys()]).toEqual(['orders-1', 'payments']);
    expect(groups.get('payments')?.map(({ number }) => number)).toEqual([1, 2]);
  });
});
