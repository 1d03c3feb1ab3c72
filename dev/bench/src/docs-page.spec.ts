import { withFigures, withFiguresOf, type PageContent } from './docs-page.js';

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

describe('withFiguresOf', () => {
  const page = [
    'before',
    '<!-- figures -->',
    'Measured on 2026-01-01.',
    '### A new token',
    'old row\n\n#### not a group',
    '### Issuing a token',
    'old row',
    '### Issuing a token over HTTP',
    'old row',
    '<!-- /figures -->',
    'after\n',
  ].join('\n\n');

  it('replaces the section of the group, which says when it was measured', () => {
    const updated = withFiguresOf(page, content);
    const [section, ...others] = updated.split('\n### ').filter((part) => /^Issuing/.test(part));
    expect(section).toMatch(
      /^Issuing a token\n\nMeasured on 2026-11-23 at commit abc123.* load average of 0.1 /,
    );
    expect(section).toContain('| limit | 2,700/s |');
    expect(section).not.toContain('old row');
    expect(others).toHaveLength(1);
    expect(updated.replace(section!, '')).toBe(page.replace('Issuing a token\n\nold row\n', ''));
    expect(withFiguresOf(updated, content)).toBe(updated);
  });

  it('adds a group that the page does not have, after all others', () => {
    const groups = [{ ...content.groups[0]!, title: 'Something new' }];
    const updated = withFiguresOf(page, { ...content, groups });
    expect(updated.replace(/### Something new\n[^]*?One thread.\n\n/, '')).toBe(page);
    expect(updated.indexOf('### Something new')).toBeGreaterThan(
      updated.indexOf('### Issuing a token over HTTP'),
    );
  });

  it('refuses a page without markers', () => {
    expect(() => withFiguresOf('<!-- figures -->', content)).toThrow('the page has no');
  });
});
