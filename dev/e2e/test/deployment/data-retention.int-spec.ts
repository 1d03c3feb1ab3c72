import { readdirSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../../../', import.meta.url);
const SESSION_STORES = 'libs/internal/session-stores/src';
const SHOP_SOURCES = ['orders', 'inventory', 'payments'].map((name) => `apps/${name}/src`);
const NEVER_DELETED = 'never deleted';
const SHOP = 'orders, payments, stock and reservations';

const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

/** The texts that a pattern captures in the source files of these folders. */
const captured = (pattern: RegExp, ...folders: string[]) =>
  folders
    .flatMap((folder) =>
      readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path}`,
      ),
    )
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...read(path).matchAll(pattern)].map(([, text = '']) => text));

/** The rows of the table: what is kept, and for how long. */
const rows = read('docs/operations.md')
  .split('\n## Data retention\n')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (-+|rows) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what = '', kept = '']) => ({ what, kept }));
const tablesOf = (what: string) => [...what.matchAll(/`(\w+)`/g)].map(([, table = '']) => table);

describe('the table of data retention in docs/operations.md', () => {
  it('names every table of auth and of the session store, and no other', () => {
    const tables = captured(/^@Entity\('(\w+)'\)/gm, 'apps/auth/src', SESSION_STORES);
    expect(tables.length).toBeGreaterThan(10);
    const documented = new Set(rows.flatMap(({ what }) => tablesOf(what)));
    expect([...documented].sort()).toEqual(tables.sort());
  });

  it('says of no table with expiring rows that they are never deleted', () => {
    const expiring = captured(/^\s*table: '(\w+)'/gm, 'apps/auth/src', SESSION_STORES);
    expect(expiring).toContain('sessions');
    const kept = rows.filter(({ kept: text }) => text.startsWith(NEVER_DELETED));
    expect(kept.map(({ what }) => what)).toContain(SHOP);
    const forever = kept.flatMap(({ what }) => tablesOf(what));
    expect(expiring.filter((table) => forever.includes(table))).toEqual([]);
  });

  it('may say that the shop deletes nothing', () => {
    const shop = captured(/\b(DELETE FROM|ExpiringRows)\b/g, ...SHOP_SOURCES);
    expect(shop).toEqual([]);
  });
});
