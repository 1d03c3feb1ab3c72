import { withFigures, type PageContent } from './docs-page.js';

const content: PageContent = {
  day: '2026-11-23',
  machine: {
    processor: 'Some CPU',
    cores: 2,
    memoryGiB: 8,
    system: 'linux 6.1',
    node: 'v20.20.2',
    openssl: '3.0',
    loadAverage: 0.1,
    versions: { jose: '6.2.18' },
    commit: 'abc123',
  },
  groups: [
    {
      name: 'issue',
      title: 'Issuing a token',
      figures: [{ id: 'a', label: 'limit', unit: 'per second', samples: [2_700] }],
      ratios: [],
      notes: ['One thread.'],
    },
  ],
};

describe('withFigures', () => {
  it('replaces only the text between the markers', () => {
    const page = 'before\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nafter\n';
    const updated = withFigures(page, content);
    expect(updated).toMatch(
      /^before\n\n<!-- figures -->\n\nMeasured on 2026-11-23 at commit abc123/,
    );
    expect(updated).toMatch(/- One thread\.\n\n<!-- \/figures -->\n\nafter\n$/);
    expect(updated).toContain('### Issuing a token\n\n|       |  median |');
    expect(updated).not.toContain('old');
  });

  it('is idempotent', () => {
    const once = withFigures('<!-- figures --><!-- /figures -->', content);
    expect(withFigures(once, content)).toBe(once);
  });

  it('refuses a page without markers', () => {
    expect(() => withFigures('<!-- figures -->', content)).toThrow('the page has no');
  });
});
