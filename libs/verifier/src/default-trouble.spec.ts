import { jest } from '@jest/globals';
import { makeFixture } from './verifier-fixture.js';

describe('what is wrong with the set-up', () => {
  it('is a warning of the process by default, with what to check and without the token', async () => {
    const { verifier, make, judge } = await makeFixture({ audience: 'payments' });
    const token = await make();
    // Jest's `process` is a copy, on which the event of the real one does not happen.
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(await judge(token)).toBe('wrong_audience');
    const message = String(warned.mock.calls[0]?.[0]);
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
    expect(message).toMatch(/^@latchkey\/verifier: .* its aud does not name payments\. Check/);
    expect(message).not.toContain(token.split('.')[2]);
    verifier.close();
  });

  it('is silent where the host wants it so, and for what only a token is to blame for', async () => {
    const told: string[] = [];
    const onTrouble = ({ reason }: { reason: string }) => told.push(reason);
    const { verifier, make, judge } = await makeFixture({ onTrouble });
    expect(await judge('nonsense')).toBe('malformed');
    expect(await judge(await make({ issuedAt: 1_000_000_000 }))).toBe('expired');
    expect(told).toEqual([]);
    verifier.close();
  });
});
