import type { Figure } from './figures.js';
import { saturationNote, type LoadedServer } from './loaded-server.js';

describe('saturationNote', () => {
  const server = (id: string): LoadedServer => ({
    id,
    label: `the ${id} one`,
    url: 'http://127.0.0.1',
    cpuMicroseconds: () => Promise.resolve(undefined),
  });
  const use = (id: string, ...samples: number[]): Figure => ({
    id: `${id}-server`,
    label: '',
    unit: '%',
    samples,
  });
  const servers = [server('busy'), server('idle'), server('untold')];

  it('names the servers that the load did not saturate', () => {
    const note = saturationNote(servers, [use('busy', 99, 98, 60), use('idle', 70, 99, 71)]);
    expect(note).toMatch(/^The load did not fill the core of: the idle one\./);
  });

  it('says so if there are none', () => {
    expect(saturationNote(servers, [use('busy', 99), use('idle', 90)])).toBe(
      'The load filled the core of every server.',
    );
  });
});
