import type { Figure } from '../figures.js';
import { meetsTarget } from '../statistics.js';
import { chainFigures } from './chain-figures.js';

const figure = (id: string, ...samples: number[]): Figure => ({
  id,
  label: id,
  unit: 'µs',
  samples,
});

const TIMES = [
  figure('relay', 1_000),
  figure('relay-client', 1_000),
  figure('warm', 1_040),
  figure('transaction', 9_000),
  figure('relay-new', 1_500),
  figure('cold', 5_500),
  figure('round-trip', 4_000),
];
const REQUESTS = ['relay', 'warm', 'transaction', 'cold'].map((id) => figure(`${id}-requests`, 1));
const loadedAt = (warm: number) =>
  ['relay', 'relay-client', 'warm'].flatMap((id) => {
    const rate = id === 'warm' ? warm : 1_000;
    return [figure(`loaded-${id}`, rate), figure(`loaded-${id}-per-cpu-second`, rate)];
  });

describe('chainFigures', () => {
  const { figures, ratios } = chainFigures({ times: TIMES, requests: REQUESTS }, loadedAt(960));
  const ratio = (id: string) => ratios.find((each) => each.id === id)!;

  it('counts the requests to auth of all but the relays', () => {
    const ids = figures.map(({ id }) => id).filter((id) => id.endsWith('-requests'));
    expect(ids).toEqual(['warm-requests', 'transaction-requests', 'cold-requests']);
  });

  it('says how many exchanges the exchange adds to a call', () => {
    expect(ratio('cold-relay/round-trip').samples).toEqual([1]);
  });

  it('accepts a cached exchange within five percent, in time and under load', () => {
    expect(meetsTarget(ratio('warm/relay'))).toBe(true);
    expect(meetsTarget(ratio('loaded-warm/loaded-relay'))).toBe(true);
    const slow = chainFigures({ times: TIMES, requests: REQUESTS }, loadedAt(940)).ratios;
    const missed = slow.filter((each) => meetsTarget(each) === false).map(({ id }) => id);
    expect(missed).toEqual([
      'loaded-warm/loaded-relay-client',
      'loaded-warm-per-cpu-second/loaded-relay-client-per-cpu-second',
      'loaded-warm/loaded-relay',
      'loaded-warm-per-cpu-second/loaded-relay-per-cpu-second',
    ]);
  });

  it('misses the target by a request more', () => {
    const more = [figure('cold-requests', 2)];
    const { figures: counted } = chainFigures({ times: TIMES, requests: more }, loadedAt(1));
    expect(meetsTarget(counted.find(({ id }) => id === 'cold-requests')!)).toBe(false);
  });
});
