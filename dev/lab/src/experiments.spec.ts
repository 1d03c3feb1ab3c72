import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defineExperiment } from './experiment.js';
import { EXPERIMENTS, experimentNamed, PAGED_EXPERIMENTS } from './experiments.js';

const laboratory = {} as Parameters<(typeof EXPERIMENTS)[number]['run']>[0];

describe('EXPERIMENTS', () => {
  it('has every file of the folder, by its name', () => {
    expect(EXPERIMENTS.map(({ name }) => name)).toEqual([
      'compare',
      'durability',
      'fanout',
      'faults',
      'outage',
      'revoke',
      'scale',
      'start',
      'tokens',
    ]);
  });

  it.each(EXPERIMENTS.map(({ name }) => name))('has a description of %s for --help', (name) => {
    const source = readFileSync(new URL(`./experiments/${name}.ts`, import.meta.url), 'utf8');
    expect(source).toMatch(/^\/\*\*\n( \* .+\n)+ \*\/\nexport default defineExperiment\(/m);
  });

  it('gives every page a position of its own', () => {
    const positions = PAGED_EXPERIMENTS.map(({ page }) => page.position);
    expect(positions).toEqual([...new Set(positions)].sort());
  });

  it('does not know other names', () => {
    expect(() => experimentNamed('nothing')).toThrow("there is no experiment 'nothing'");
  });
});

describe('defineExperiment', () => {
  it('checks a report before it is shown', async () => {
    const experiment = defineExperiment({
      schema: z.object({ answered: z.number() }),
      run: () => Promise.resolve({ held: true, report: { answered: 1 } }),
      page: {
        position: 1,
        section: ({ answered }) => ({
          title: `${answered} answered`,
          question: '',
          findings: [],
          figures: [],
          howItWasMeasured: [],
          whatItDoesNotShow: [],
        }),
      },
    });
    const { report } = await experiment.run(laboratory);
    expect(experiment.page?.section(report).title).toBe('1 answered');
    expect(() => experiment.page?.section({ answered: 'none' })).toThrow('expected number');
  });
});
