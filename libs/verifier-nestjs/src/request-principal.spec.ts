import type { Principal } from '@latchkey/verifier';
import { inspect } from 'node:util';
import { accessTokenOf, principalOf, setPrincipal } from './request-principal.js';

const ada = { subject: 'ada' } as Principal;
const eve = { subject: 'eve' } as Principal;

describe('the principal of a request', () => {
  it('is the one that was set on this request', () => {
    const request = {};
    setPrincipal(request, ada, 'token of ada');
    expect(principalOf(request)).toBe(ada);
    expect(accessTokenOf(request)).toBe('token of ada');
    expect(() => principalOf({})).toThrow('no guard protects');
    expect(() => accessTokenOf({})).toThrow('no guard protects');
  });

  it('is the last one if several guards verified the request', () => {
    const request = {};
    setPrincipal(request, ada, 'token of ada');
    setPrincipal(request, eve, 'token of eve');
    expect(principalOf(request)).toBe(eve);
    expect(accessTokenOf(request)).toBe('token of eve');
  });

  it('can be set on frozen requests, and does not change others', () => {
    const frozen = Object.freeze({});
    setPrincipal(frozen, ada, 'token');
    expect(principalOf(frozen)).toBe(ada);
    class Request {}
    const request = new Request();
    setPrincipal(request, ada, 'token');
    expect(Reflect.ownKeys(request)).toEqual([]);
    expect(Object.getPrototypeOf(request)).toBe(Request.prototype);
  });

  it('is invisible to code that copies or logs a request', () => {
    const request = {};
    setPrincipal(request, ada, 'secret');
    const shown = inspect(request, { showHidden: true, depth: 9 }) + JSON.stringify(request);
    expect(shown).not.toContain('secret');
    expect(() => principalOf({ ...request })).toThrow('no guard protects');
    expect(() => principalOf(structuredClone(request))).toThrow('no guard protects');
    expect(() => principalOf(Object.create(request) as object)).toThrow('no guard protects');
  });

  it('cannot be forged by setting properties', () => {
    const request = { '#principal': eve, principal: eve, user: eve, [Symbol('principal')]: eve };
    expect(() => principalOf(request)).toThrow('no guard protects');
  });
});
