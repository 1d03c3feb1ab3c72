import { textOf } from '../../test/statement-fixture.js';
import { outageFindings } from './outage-findings.js';
import { OUTAGE_FIXTURE, timeline } from '../../test/outage-fixture.js';
import type { OutageTimeline } from './outage-report.js';

const found = (...timelines: readonly OutageTimeline[]) =>
  textOf(
    outageFindings({
      ...OUTAGE_FIXTURE,
      runs: [{ outage: 'nats', label: 'NATS', downFrom: 6_000, downTo: 16_500, timelines }],
    }),
  );

const unaffected = timeline('jwt-accept', 'unaffected', () => 'accepted');
const cut = timeline('jwt-refuse', 'cut', (at) => (at < 6_000 ? 'accepted' : 'unavailable'));
const broken = timeline('introspection', 'broken', (at) =>
  at >= 11_000 && at < 17_000 ? 'failed' : 'accepted',
);

describe('outageFindings', () => {
  it('says which architectures lost requests, and how long the outage was', () => {
    const text = found(unaffected, broken);
    expect(text).toContain('Every request was accepted throughout the outages with “unaffected”.');
    expect(text).toContain('Each of the others lost requests in at least one.');
    expect(text).toContain('While NATS was down (10.5 s):');
    expect(text).toContain(
      'broken: 50% of the requests were accepted; 600 in all failed or timed out; no failures from 1 s after it was back.',
    );
  });

  it('says that there was no recovery if none was seen', () => {
    expect(found(cut)).toContain(
      'cut: no request was accepted; 2,000 in all got a 503 (“I cannot tell”); failures did not end within the time watched.',
    );
    expect(found(cut)).toContain('Each architecture lost requests in at least one of the outages.');
  });

  it('does not round a few lost requests to none', () => {
    const text = found({ ...unaffected, acceptedWhileDown: 0.9996 });
    expect(text).toContain('more than 99.9% of the requests were accepted');
    expect(text).not.toContain('Every request was accepted');
  });

  it('does not mention others if no architecture was affected', () => {
    const text = found(unaffected);
    expect(text).not.toContain('Each of the others');
    expect(text).toContain('Every request was accepted with: “unaffected”.');
  });

  it('says that there was no Redis', () => {
    expect(found(unaffected)).toContain('Redis was not part of this run');
    expect(textOf(outageFindings(OUTAGE_FIXTURE))).not.toContain('was not part');
  });

  it('has no findings without timelines', () => {
    expect(found()).toBe('Nothing was measured in this run.');
  });
});
