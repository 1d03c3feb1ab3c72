import { ScopeSet } from './scope-set.js';

describe('ScopeSet', () => {
  it('contains each scope of the claim once', () => {
    const scopes = new ScopeSet('orders:read orders:write orders:read');
    expect([...scopes]).toEqual(['orders:read', 'orders:write']);
    expect([...scopes.keys()]).toEqual([...scopes.values()]);
    expect([...scopes.entries()][0]).toEqual(['orders:read', 'orders:read']);
    expect(scopes.size).toBe(2);
    expect(scopes.has('orders:read')).toBe(true);
    expect(scopes.has('orders')).toBe(false);
    const seen: string[] = [];
    scopes.forEach((name, same, all) => seen.push(name, same, String(all === scopes)));
    expect(seen.slice(0, 3)).toEqual(['orders:read', 'orders:read', 'true']);
  });

  it('is empty for an empty claim', () => {
    expect(new ScopeSet('').size).toBe(0);
    expect(new ScopeSet('').has('')).toBe(false);
  });

  it('ignores extra spaces', () => {
    expect([...new ScopeSet(' a  b ')]).toEqual(['a', 'b']);
  });

  it('is immutable', () => {
    const scopes = new ScopeSet('a') as unknown as Set<string>;
    expect(() => scopes.add('admin')).toThrow(TypeError);
    expect(() => Set.prototype.add.call(scopes, 'admin')).toThrow(TypeError);
    expect([...scopes]).toEqual(['a']);
  });
});
