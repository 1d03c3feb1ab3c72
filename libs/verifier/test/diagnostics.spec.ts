import { verifications } from '@latchkey/contracts/diagnostics';
import { inspect } from 'node:util';
import { makeFixture, type Fixture } from './verifier-fixture.js';

describe('the diagnostics channel of the verifier', () => {
  const messages: unknown[] = [];
  const ended: unknown[] = [];
  const note = (message: unknown) => void messages.push(message);
  const end = (message: unknown) => void ended.push(message);
  let fixture: Fixture;

  beforeEach(async () => {
    messages.length = ended.length = 0;
    verifications.start.subscribe(note);
    verifications.asyncEnd.subscribe(end);
    fixture = await makeFixture();
  });
  afterEach(() => {
    verifications.start.unsubscribe(note);
    verifications.asyncEnd.unsubscribe(end);
    fixture.verifier.close();
  });

  it('reports an accepted token, without the token', async () => {
    const token = await fixture.make();
    await expect(fixture.verifier.verify(token)).resolves.toMatchObject({ audience: ['orders'] });
    expect(ended).toEqual([expect.not.objectContaining({ error: expect.anything() })]);
    const [, payload = ''] = token.split('.');
    expect(inspect([messages, ended], { depth: 9 })).not.toContain(payload);
  });

  it('reports why a token was rejected, and rejects with the same error', async () => {
    const token = await fixture.make({ audience: 'payments' });
    const rejection = { name: 'TokenError', code: 'wrong_audience' };
    await expect(fixture.verifier.verify(token)).rejects.toMatchObject(rejection);
    expect(ended).toEqual([{ kind: 'access_token', error: expect.objectContaining(rejection) }]);
  });

  it('makes no difference for input of the wrong type', async () => {
    const rejection = { code: 'malformed' };
    await expect(fixture.verifier.verify(undefined as never)).rejects.toMatchObject(rejection);
    expect(ended).toHaveLength(1);
  });
});
