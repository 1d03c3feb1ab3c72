import { verdictOf } from './verdict.js';

const CONTESTANTS = [
  { id: 'jwt-refuse', needs: ['nats'] as const },
  { id: 'passport-jwt', needs: [] },
];

function run(id: string, acceptedWhileDown: number, recoveryMilliseconds: number | undefined) {
  const timeline = { id, label: id, slices: [], acceptedWhileDown, recoveryMilliseconds };
  return { outage: 'nats', label: 'NATS', downFrom: 0, downTo: 1, timelines: [timeline] } as const;
}

describe('verdictOf', () => {
  it('lets somebody stop without what it needs', () => {
    expect(verdictOf([run('jwt-refuse', 0, 900)], CONTESTANTS)).toEqual([]);
  });

  it('finds who turns somebody away without need', () => {
    const runs = [run('passport-jwt', 1, 0), run('passport-jwt', 0.999, 0)];
    expect(verdictOf(runs, CONTESTANTS)).toEqual([
      'passport-jwt did not accept everything while NATS was away, which it does not need',
    ]);
  });

  it('finds who does not come back', () => {
    expect(verdictOf([run('jwt-refuse', 0, undefined)], CONTESTANTS)).toEqual([
      'jwt-refuse did not recover from NATS',
    ]);
  });
});
