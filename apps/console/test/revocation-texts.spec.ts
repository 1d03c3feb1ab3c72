import { REVOCATION_TRIGGERS } from '@latchkey/contracts';
import { revocation } from '../src/texts/revocation.js';

describe('the texts about revocations', () => {
  it('say what each trigger of auth means, and show an unknown one as it is', () => {
    expect(Object.keys(revocation.reasons).sort()).toEqual(Object.keys(REVOCATION_TRIGGERS).sort());
    expect(revocation.because('logout')).toBe('its user logged out');
    for (const unknown of ['of_another_release', 'constructor', ''])
      expect(revocation.because(unknown)).toBe(unknown);
  });
});
