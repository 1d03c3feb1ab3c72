import type { TimelineSlice } from './outage-report.js';
import { verdictOf } from './verdict.js';

const CONTESTANTS = [
  { id: 'jwt-refuse', needs: ['nats'] as const },
  { id: 'passport-jwt', needs: [] },
];

const slice = (fromMilliseconds: number, more: Partial<TimelineSlice> = {}): TimelineSlice => ({
  fromMilliseconds,
  accepted: 5,
  unavailable: 0,
  failed: 0,
  p99Milliseconds: 4,
  ...more,
});

function run(
  id: string,
  acceptedWhileDown: number,
  recoveryMilliseconds: number | undefined,
  slices: readonly TimelineSlice[] = [],
) {
  const timeline = { id, label: id, slices, acceptedWhileDown, recoveryMilliseconds };
  const down = { downFrom: 1_100, downTo: 2_000 };
  return { outage: 'nats', label: 'NATS', ...down, timelines: [timeline] } as const;
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

  it('blames the machine for who did not keep up before anything was missing', () => {
    const slices = [slice(0), slice(250, { failed: 1 }), slice(500), slice(750)];
    expect(verdictOf([run('passport-jwt', 0.5, undefined, slices)], CONTESTANTS)).toEqual([
      'passport-jwt did not keep up before NATS was killed: this machine is too busy',
    ]);
  });

  it('does not blame it for what was on its way when the outage began', () => {
    const slices = [slice(0), slice(250), slice(500, { unavailable: 3 }), slice(750)];
    expect(verdictOf([run('jwt-refuse', 0, 900, slices)], CONTESTANTS)).toEqual([]);
  });
});
