import type { TimelineSlice } from './outage-report.js';
import { complaintsOf } from './outage-complaints.js';

const CONTENDERS = [
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

describe('complaintsOf', () => {
  it('lets an architecture fail without a part that it depends on', () => {
    expect(complaintsOf([run('jwt-refuse', 0, 900)], CONTENDERS)).toEqual([]);
  });

  it('finds an architecture that fails without a part that it does not depend on', () => {
    const runs = [run('passport-jwt', 1, 0), run('passport-jwt', 0.999, 0)];
    expect(complaintsOf(runs, CONTENDERS)).toEqual([
      'passport-jwt did not accept everything while NATS was down, which it does not depend on',
    ]);
  });

  it('finds an architecture that does not recover', () => {
    expect(complaintsOf([run('jwt-refuse', 0, undefined)], CONTENDERS)).toEqual([
      'jwt-refuse did not recover from NATS',
    ]);
  });

  it('blames the machine for failures before the outage', () => {
    const slices = [slice(0), slice(250, { failed: 1 }), slice(500), slice(750)];
    expect(complaintsOf([run('passport-jwt', 0.5, undefined, slices)], CONTENDERS)).toEqual([
      'passport-jwt did not keep up before NATS was killed: this machine is too busy',
    ]);
  });

  it('does not blame the machine for requests in flight when the outage began', () => {
    const slices = [slice(0), slice(250), slice(500, { unavailable: 3 }), slice(750)];
    expect(complaintsOf([run('jwt-refuse', 0, 900, slices)], CONTENDERS)).toEqual([]);
  });
});
