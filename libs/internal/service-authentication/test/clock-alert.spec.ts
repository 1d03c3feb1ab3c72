import { DenyList } from '@latchkey/deny-list';
import { MetricsRegistry } from '@latchkey/service-kit';
import { readFileSync } from 'node:fs';
import { FeedMetrics } from '../src/tokens/feed-metrics.js';

const RULES = readFileSync(new URL('../../../../deploy/alerts.yml', import.meta.url), 'utf8');
/** Another form of the rule needs another evaluation here. */
const [, METRIC = '', THRESHOLD = ''] =
  /- alert: LatchkeyVerifierClockWrong\n +expr: abs\((\w+)\) > (\d+)\n +for: 15s\n/.exec(RULES) ??
  [];
const FOR_SECONDS = 15;

const ISSUER = 'https://issuer.test';
const START = 1_800_000_000_000;
const SECOND = 1_000;

/** A verifier whose clock can be wrong, and what its metrics say once a second. */
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

  /** @param watermark the time that one names which comes in each of these seconds, if one comes */
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
  ])('fires for a clock that is %s, from the start or set while it runs', async (_, off) => {
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

  it.each([-90, 600])('ends once a clock that was %d s off is right', async (off) => {
    verifier.aheadSeconds = off;
    await verifier.seconds(25, live);
    verifier.aheadSeconds = 0;
    await verifier.seconds(1, live);
    expect(await verifier.offset()).toBe(0);
  });

  it('is silent while no watermark has come, and for a clock that is right', async () => {
    await verifier.seconds(30);
    expect(await verifier.offset()).toBeNaN();
    await verifier.seconds(30, live);
    expect(await verifier.offset()).toBe(0);
    expect(verifier.fired).toBe(false);
  });

  it('is silent for a verifier that lost NATS, and when it is back', async () => {
    await verifier.seconds(30, () => verifier.trueTime - 50);
    const last = verifier.trueTime;
    await verifier.seconds(300);
    await verifier.seconds(1, () => last);
    await verifier.seconds(300);
    await verifier.seconds(30, live);
    expect(verifier.fired).toBe(false);
  });

  it('is silent for one that starts with an old watermark, which it reads again and again', async () => {
    const lying = verifier.trueTime - 50 * SECOND;
    await verifier.seconds(300, () => lying);
    expect(verifier.fired).toBe(false);
    expect(await verifier.offset()).toBeNaN();
  });

  it('is silent while a backlog makes watermarks late', async () => {
    const from = verifier.trueTime - 40 * SECOND;
    await verifier.seconds(40, (second) => from + second * 1.5 * SECOND);
    expect(verifier.fired).toBe(false);
  });
});
