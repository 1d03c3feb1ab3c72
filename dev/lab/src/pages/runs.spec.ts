import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPORTS, makeRun } from '../../test/run-fixture.js';
import { experimentNamed, PAGED_EXPERIMENTS } from '../experiments.js';
import { commandOf } from './command.js';
import { joinReports, keepRun } from './kept-reports.js';
import type { Run } from './run.js';
import { latestRun, nameOfRun, readRun, readRuns } from './runs.js';

const NAMES = PAGED_EXPERIMENTS.map(({ name }) => name);
const OLD = '2026-05-18T09:00:00.000Z';
const NEW = '2026-05-19T09:00:00.000Z';

describe('kept runs', () => {
  let folder: string;
  let printed: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-runs-'));
    printed = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const keep = (run: Run) => {
    const file = join(folder, `${nameOfRun(run.experiment, new Date(run.startedAt))}.json`);
    writeFileSync(file, JSON.stringify(run));
    return file;
  };
  const joinAll = () =>
    joinReports({ checkout: '/nowhere', out: folder }, (line) => printed.push(line));

  it.each(NAMES)('are read as they were written: %s', (experiment) => {
    const run = makeRun(experiment);
    expect(readRun(keep(run))).toEqual(run);
  });

  it('have a name with the experiment and the time', () => {
    expect(nameOfRun('compare', new Date(NEW))).toBe('compare-20260519T090000Z');
  });

  it('are empty in a missing folder', () => {
    expect(readRuns(join(folder, 'missing'))).toEqual({ runs: [], unreadable: [] });
  });

  it('report unreadable files and skip them', () => {
    keep(makeRun('compare'));
    writeFileSync(join(folder, 'scale-broken.json'), '{"experiment":"sca');
    writeFileSync(join(folder, 'revoke-foreign.json'), '{"experiment":"revoke"}');
    writeFileSync(join(folder, 'package.json'), '{}');
    const { runs, unreadable } = readRuns(folder);
    expect(runs).toHaveLength(1);
    expect(unreadable).toEqual([
      { file: 'revoke-foreign.json', problem: expect.stringContaining('machine') },
      { file: 'scale-broken.json', problem: expect.stringContaining('not JSON') },
    ]);
  });

  it('are unreadable with a newer schema', () => {
    writeFileSync(join(folder, 'scale-x.json'), JSON.stringify({ ...makeRun('scale'), schema: 2 }));
    expect(readRuns(folder).unreadable).toEqual([
      { file: 'scale-x.json', problem: expect.stringContaining('schema') },
    ]);
  });

  it('are represented by the latest full run, or else the latest quick run', () => {
    const quick = { options: { quick: true } };
    keep(makeRun('compare', { startedAt: OLD }));
    keep(makeRun('compare', { startedAt: NEW, ...quick }));
    keep(makeRun('scale', { startedAt: OLD, ...quick }));
    keep(makeRun('scale', { startedAt: NEW, ...quick }));
    const { runs } = readRuns(folder);
    expect(latestRun(runs, 'compare')?.file).toBe('compare-20260518T090000Z.json');
    expect(latestRun(runs, 'scale')?.file).toBe('scale-20260519T090000Z.json');
    expect(latestRun(runs, 'revoke')).toBeUndefined();
  });

  it('are joined into one page, which says what is missing and how to add it', () => {
    keep(makeRun('compare'));
    writeFileSync(join(folder, 'scale-broken.json'), 'no');
    expect(joinAll()).toBe(0);
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(page).toContain('id="compare"');
    expect(page).not.toContain('id="scale"');
    expect(page).toContain('npm run lab -- scale');
    expect(printed.join('\n')).toMatch(
      /left out: this version cannot read scale-broken\.json[^]*outage +missing: npm run/,
    );
  });

  it('make no page when there are none', () => {
    expect(joinAll()).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('get a warning if they come from different machines', () => {
    keep(makeRun('compare'));
    const { machine } = makeRun('scale');
    keep(makeRun('scale', { machine: { ...machine, cores: 64 } }));
    joinAll();
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toMatch(/different\s+machines/);
  });
});

describe('keepRun', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const keep = (name: string, report: object) =>
    keepRun(
      { checkout: '/nowhere', out: folder, quick: true, seed: undefined },
      {
        experiment: experimentNamed(name),
        startedAt: new Date(NEW),
        seconds: 31,
        machine: makeRun(name).machine,
        finding: { held: true, report, versions: { Redis: '7.0.15' } },
      },
    );

  it.each(NAMES)('writes the figures and a page of %s', (name) => {
    const lines = keep(name, REPORTS[name]!);
    expect(lines[1]).toContain(`${name}-20260519T090000Z.html`);
    const run = readRun(join(folder, `${name}-20260519T090000Z.json`));
    expect(run).toMatchObject({
      held: true,
      options: { quick: true },
      versions: { Redis: '7.0.15' },
    });
    expect(run.command).toBe(`npm run lab -- ${name} --quick`);
    const page = readFileSync(join(folder, `${name}-20260519T090000Z.html`), 'utf8');
    expect(page).toContain('A quick run.');
    expect(page).toContain('Redis 7.0.15');
  });

  it('leaves no temporary file behind', () => {
    keep('compare', REPORTS['compare']!);
    expect(readdirSync(folder)).toEqual([
      'compare-20260519T090000Z.html',
      'compare-20260519T090000Z.json',
    ]);
  });

  it('keeps figures that do not match their schema, and says where they are', () => {
    expect(() => keep('scale', { architectures: 'none' })).toThrow(
      /figures are in .*scale-.*json, but they do not match the schema of scale/,
    );
    expect(readdirSync(folder)).toEqual(['scale-20260519T090000Z.json']);
  });
});

describe('commandOf', () => {
  it('has the options of the run, but no paths', () => {
    expect(
      commandOf('scale', {
        checkout: '/nowhere',
        json: '/nowhere/x.json',
        out: '/nowhere/y',
        quick: true,
        seed: 4,
        minutes: undefined,
      }),
    ).toBe('npm run lab -- scale --quick --seed 4');
  });
});
