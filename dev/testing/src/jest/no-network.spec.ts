import { connect } from 'node:net';

describe('a unit test', () => {
  it('cannot open a connection', async () => {
    expect(() => connect(1, '127.0.0.1')).toThrow(/int-spec/);
    await expect(fetch('http://127.0.0.1:4999')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('int-spec') },
    });
  });
});
