import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OUTAGE_FIXTURE } from '../outage/outage-fixture.js';
import { REVOKE_FIXTURE } from '../revoke/revoke-fixture.js';
import { SCALE_FIXTURE } from '../scale/scale-fixture.js';
import { commandOf } from './command.js';
import { joinReports, keepReport } from './kept-reports.js';
import { makeRun } from './run-fixture.js';
import { PAGED_EXPERIMENTS, type Run } from './run.js';
import { keepRun, latestRun, nameOfRun, readRun, readRuns } from './runs.js';

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

  const keep = (run: Run) =>
    keepRun(folder, nameOfRun(run.experiment, new Date(run.startedAt)), run);
  const joinAll = () =>
    joinReports({ checkout: '/nowhere', out: folder }, (line) => printed.push(line));

  it.each(PAGED_EXPERIMENTS)('read what was written: %s', (experiment) => {
    const run = makeRun(experiment);
    expect(readRun(keep(run))).toEqual(run);
  });

  it('have a name that tells what and when', () => {
    expect(nameOfRun('compare', new Date(NEW))).toBe('compare-20260519T090000Z');
  });

  it('leave no temporary file behind', () => {
    keep(makeRun('compare'));
    expect(readdirSync(folder)).toEqual(['compare-20260519T101530Z.json']);
  });

  it('are none in a folder that is not there', () => {
    expect(readRuns(join(folder, 'missing'))).toEqual({ runs: [], unreadable: [] });
  });

  it('tell what is wrong with a file that is none, and go on', () => {
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

  it('of a newer schema are not taken for one of this', () => {
    writeFileSync(join(folder, 'scale-x.json'), JSON.stringify({ ...makeRun('scale'), schema: 2 }));
    expect(readRuns(folder).unreadable).toEqual([
      { file: 'scale-x.json', problem: expect.stringContaining('schema') },
    ]);
  });

  it('are represented by the latest full one, and by a quick one only without it', () => {
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

  it('are joined into one page that says what is missing and how to add it', () => {
    keep(makeRun('compare'));
    writeFileSync(join(folder, 'scale-broken.json'), 'no');
    expect(joinAll()).toBe(0);
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(page).toContain('id="compare"');
    expect(page).not.toContain('id="scale"');
    expect(page).toContain('npm run lab -- scale');
    expect(printed.join('\n')).toMatch(/left out: scale-broken\.json[^]*outage +missing: npm run/);
  });

  it('make no page when there is none', () => {
    expect(joinAll()).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of different machines are said to be so', () => {
    keep(makeRun('compare'));
    const { machine } = makeRun('scale');
    keep(makeRun('scale', { machine: { ...machine, cores: 64 } }));
    joinAll();
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toMatch(/different\s+machines/);
  });
});

describe('keepReport', () => {
  const reports = { scale: SCALE_FIXTURE, revoke: REVOKE_FIXTURE, outage: OUTAGE_FIXTURE };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const kept = (name: keyof typeof reports, report: object) =>
    keepReport(
      { checkout: '/nowhere', out: folder, quick: true, seed: undefined },
      {
        name,
        startedAt: new Date(NEW),
        seconds: 31,
        machine: makeRun(name).machine,
        finding: { held: true, report: { ...report }, versions: { Redis: '7.0.15' } },
      },
    );

  it.each(['scale', 'revoke', 'outage'] as const)('writes figures and a page of %s', (name) => {
    const lines = kept(name, reports[name]);
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

  it('keeps figures of which no page can be made, and says where they are', () => {
    expect(() => kept('scale', { architectures: 'none' })).toThrow(/figures are in .*scale-.*json/);
    expect(readdirSync(folder)).toEqual(['scale-20260519T090000Z.json']);
  });
});

describe('commandOf', () => {
  it('names what was asked for, and no place on this machine', () => {
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
