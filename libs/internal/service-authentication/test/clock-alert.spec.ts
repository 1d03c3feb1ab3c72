import { DenyList } from '@latchkey/deny-list';
import { MetricsRegistry } from '@latchkey/service-kit';
import { readFileSync } from 'node:fs';
import { FeedMetrics } from '../src/tokens/feed-metrics.js';

const RULES = readFileSync(new URL('../../../../deploy/alerts.yml', import.meta.url), 'utf8');
/** If the rule takes another form, its evaluation below must change too. */
const [, METRIC = '', THRESHOLD = ''] =
  /- alert: LatchkeyVerifierClockWrong\n +expr: abs\((\w+)\) > (\d+)\n +for: 15s\n/.exec(RULES) ??
  [];
const FOR_SECONDS = 15;

const ISSUER = 'https://issuer.test';
const START = 1_800_000_000_000;
const SECOND = 1_000;

/** A verifier with an adjustable clock, whose metrics are scraped once a second. */
class Scraped {
  aheadSeconds = 0;
  readonly #metrics = new MetricsRegistry();
  #passed = 0;
  #wrongFor = 0;
  /** Whether the alert has fired. */
  fired = false;

  constructor() {
    const denyList = new DenyList({
      now: () => this.trueTime + this.aheadSeconds * SECOND,
      monotonicNow: () => this.#passed,
    });
    new FeedMetrics(this.#metrics).watch(denyList, ISSUER, () => undefined);
    this.#watermark = (timeMilliseconds) =>
      denyList.applyWatermark({
        issuer: ISSUER,
        timeMilliseconds,
        serials: { from: 1, through: 0 },
        revokedKeys: [],
      });
  }
  readonly #watermark: (timeMilliseconds: number) => void;

  get trueTime(): number {
    return START + this.#passed;
  }

  async offset(): Promise<number> {
    const text = await this.#metrics.registry.getSingleMetricAsString(METRIC);
    return Number(/^\w+ (\S+)$/m.exec(text.replace('Nan', 'NaN'))![1]);
  }

  /** @param watermark time in the watermark that arrives in each second; without it none arrives */
  async seconds(count: number, watermark?: (second: number) => number): Promise<void> {
    for (let second = 0; second < count; second++) {
      this.#passed += SECOND;
      if (watermark) this.#watermark(watermark(second));
      this.#wrongFor = Math.abs(await this.offset()) > Number(THRESHOLD) ? this.#wrongFor + 1 : 0;
      this.fired ||= this.#wrongFor > FOR_SECONDS;
    }
  }
}

describe('LatchkeyVerifierClockWrong', () => {
  let verifier: Scraped;
  const live = () => verifier.trueTime;
  beforeEach(() => {
    verifier = new Scraped();
  });

  it.each([
    ['behind', -90],
    ['behind by less than the tolerance', -3],
    ['ahead', 600],
    ['ahead by less than the tolerance', 3],
  ])('fires for a clock that is %s, from the start or since it was changed', async (_, off) => {
    verifier.aheadSeconds = off;
    await verifier.seconds(25, live);
    expect(await verifier.offset()).toBe(-off);
    expect(verifier.fired).toBe(true);

    verifier = new Scraped();
    await verifier.seconds(30, live);
    verifier.aheadSeconds = off;
    await verifier.seconds(25, live);
    expect(await verifier.offset()).toBe(-off);
    expect(verifier.fired).toBe(true);
  });

  it.each([-90, 600])('stops once a clock that was %d s off is corrected', async (off) => {
    verifier.aheadSeconds = off;
    await verifier.seconds(25, live);
    verifier.aheadSeconds = 0;
    await verifier.seconds(1, live);
    expect(await verifier.offset()).toBe(0);
  });

  it('stays silent before the first watermark, and for a correct clock', async () => {
    await verifier.seconds(30);
    expect(await verifier.offset()).toBeNaN();
    await verifier.seconds(30, live);
    expect(await verifier.offset()).toBe(0);
    expect(verifier.fired).toBe(false);
  });

  it('stays silent for a verifier that loses NATS and reconnects', async () => {
    await verifier.seconds(30, () => verifier.trueTime - 50);
    const last = verifier.trueTime;
    await verifier.seconds(300);
    await verifier.seconds(1, () => last);
    await verifier.seconds(300);
    await verifier.seconds(30, live);
    expect(verifier.fired).toBe(false);
  });

  it('stays silent for a verifier that starts with an old watermark and reads it repeatedly', async () => {
    const lying = verifier.trueTime - 50 * SECOND;
    await verifier.seconds(300, () => lying);
    expect(verifier.fired).toBe(false);
    expect(await verifier.offset()).toBeNaN();
  });

  it('stays silent while a backlog delays watermarks', async () => {
    const from = verifier.trueTime - 40 * SECOND;
    await verifier.seconds(40, (second) => from + second * 1.5 * SECOND);
    expect(verifier.fired).toBe(false);
  });
});
