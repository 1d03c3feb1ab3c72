import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('retries after errors and falsy values, and returns the first truthy one', async () => {
    let calls = 0;
    const condition = () => {
      if (++calls === 1) throw new Error('not yet');
      return calls === 3 && 'there';
    };
    await expect(waitFor(condition)).resolves.toBe('there');
  });

  it('fails with the last error as its cause', async () => {
    const cause = new Error('connection refused');
    const failing = waitFor(() => Promise.reject(cause), { timeoutMs: 20, what: 'the database' });
    await expect(failing).rejects.toMatchObject({
      message: 'the database did not come true within 20 ms',
      cause,
    });
  });
});
