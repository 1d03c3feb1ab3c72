import { textOf } from '../pages/statement-fixture.js';
import { outageFindings } from './outage-findings.js';
import { OUTAGE_FIXTURE, timeline } from './outage-fixture.js';
import type { OutageTimeline } from './outage-report.js';

const found = (...timelines: readonly OutageTimeline[]) =>
  textOf(
    outageFindings({
      ...OUTAGE_FIXTURE,
      runs: [{ outage: 'nats', label: 'NATS', downFrom: 6_000, downTo: 16_500, timelines }],
    }),
  );

const calm = timeline('jwt-accept', 'calm', () => 'accepted');
const cut = timeline('jwt-refuse', 'cut', (at) => (at < 6_000 ? 'accepted' : 'unavailable'));
const broken = timeline('introspection', 'broken', (at) =>
  at >= 11_000 && at < 17_000 ? 'failed' : 'accepted',
);

describe('outageFindings', () => {
  it('says who lost nothing and who did, and for how long it was away', () => {
    const text = found(calm, broken);
    expect(text).toContain('Every request was accepted throughout the outages with “calm”.');
    expect(text).toContain('Each of the others lost requests in at least one.');
    expect(text).toContain('While NATS was away (10.5 s):');
    expect(text).toContain(
      'broken: 50% of the requests were accepted; 600 in all failed or had no answer in time; free of failures 1 s after it was back.',
    );
  });

  it('says that there was no recovery where none was seen', () => {
    expect(found(cut)).toContain(
      'cut: no request was accepted; 2,000 in all were answered 503 (“I cannot tell”); it was not free of failures again within the time watched.',
    );
    expect(found(cut)).toContain('Each architecture lost requests in at least one of the outages.');
  });

  it('does not round a few lost requests away', () => {
    const text = found({ ...calm, acceptedWhileDown: 0.9996 });
    expect(text).toContain('more than 99.9% of the requests were accepted');
    expect(text).not.toContain('Every request was accepted');
  });

  it('says nothing of others where all went on', () => {
    const text = found(calm);
    expect(text).not.toContain('Each of the others');
    expect(text).toContain('Every request was accepted with: “calm”.');
  });

  it('says that Redis was not there, and nothing of it then', () => {
    expect(found(calm)).toContain('Redis was not part of this run');
    expect(textOf(outageFindings(OUTAGE_FIXTURE))).not.toContain('was not part');
  });

  it('finds nothing in a run without timelines', () => {
    expect(found()).toBe('Nothing was measured in this run.');
  });
});
