import fc from 'fast-check';
import { knowsScope } from '../platform/audience-table.js';
import { grantedScopes, type ScopeRequest } from './granted-scopes.js';

const KNOWN = new Map([
  ['orders', new Set(['orders:read', 'shared'])],
  ['inventory', new Set(['inventory:read', 'inventory:write', 'shared'])],
]);
const EVERYTHING = new Map<string, Set<string> | undefined>([
  ['orders', undefined],
  ['inventory', undefined],
]);

const grant = (more: Partial<Omit<ScopeRequest, 'held'>> & { held: string[] }) =>
  grantedScopes({
    holder: 'subject token',
    targets: ['inventory'],
    known: KNOWN,
    allowed: EVERYTHING,
    wanted: undefined,
    ...more,
    held: new Set(more.held),
  });
const refusalOf = (request: Parameters<typeof grant>[0]): object => {
  try {
    return { granted: grant(request) };
  } catch (error) {
    const { status, code, title } = error as { status: number; code: string; title: string };
    return { status, code, title };
  }
};
const invalidScope = (title: string) => ({ status: 400, code: 'invalid_scope', title });

describe('grantedScopes', () => {
  const held = ['orders:read', 'inventory:read', 'inventory:write', 'shared', 'auth:admin'];

  it('cuts what the target does not know, and what belongs to auth', () => {
    expect(grant({ held })).toEqual(['inventory:read', 'inventory:write', 'shared']);
    expect(grant({ held, known: EVERYTHING })).toEqual(held.slice(0, -1));
  });

  it('cuts what the client may not use at the target', () => {
    const allowed = new Map([['inventory', new Set(['inventory:read', 'orders:read'])]]);
    expect(grant({ held, allowed })).toEqual(['inventory:read']);
  });

  it('unites several targets, but not beyond what the client may do at each', () => {
    const targets = ['orders', 'inventory'];
    expect(grant({ held, targets })).toEqual(held.slice(0, -1));
    const allowed = new Map([
      ['orders', new Set(['orders:read', 'shared'])],
      ['inventory', new Set(['inventory:read'])],
    ]);
    expect(grant({ held, targets, allowed })).toEqual(['orders:read', 'inventory:read']);
  });

  it('narrows to the requested scopes', () => {
    expect(grant({ held, wanted: ' shared  inventory:read shared' })).toEqual([
      'shared',
      'inventory:read',
    ]);
  });

  it.each(['orders:read', 'inventory:read orders:read', 'auth:admin', 'toString', ' '])(
    'refuses the requested scope %j',
    (wanted) => {
      const title = 'The scope exceeds what can be granted: inventory:read inventory:write shared';
      expect(refusalOf({ held, wanted })).toEqual(invalidScope(title));
    },
  );

  it.each<[string, Parameters<typeof grant>[0]]>([
    ['The subject token has no scopes that could be granted', { held: [] }],
    ['The subject token has no scopes that could be granted', { held: ['auth:admin'] }],
    [
      'None of the scopes of the subject token is known at inventory',
      { held: ['orders:read'], wanted: 'orders:read' },
    ],
    [
      'The client may use none of the scopes of the client at orders and inventory',
      { held: ['shared'], holder: 'client', targets: ['orders', 'inventory'], allowed: new Map() },
    ],
  ])('says why nothing is left: %s', (title, request) => {
    expect(refusalOf(request)).toEqual(invalidScope(title));
  });

  it('never grants more than was held, known and allowed', () => {
    const scope = fc.constantFrom<string>('a', 'b', 'c', 'auth:admin');
    const scopes = fc.uniqueArray(scope).map((all) => new Set(all));
    const table = fc
      .array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.option(scopes, { nil: undefined })))
      .map((entries) => new Map(entries));
    const targets = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 });
    fc.assert(
      fc.property(scopes, table, table, targets, (all, known, allowed, names) => {
        const request = { held: [...all], known, allowed, targets: names };
        const { granted } = refusalOf(request) as { granted?: string[] };
        for (const each of granted ?? []) {
          const knowing = names.filter((name) => knowsScope(known, name, each));
          expect(all.has(each) && each !== 'auth:admin' && knowing.length > 0).toBe(true);
          expect(knowing.filter((name) => !knowsScope(allowed, name, each))).toEqual([]);
        }
      }),
    );
  });
});
