import { makeFixture } from '../test/verifier-fixture.js';

describe('a value that is not a string', () => {
  it.each([undefined, null, 1, {}, [], ['a.b.c'], Buffer.from('a.b.c'), Symbol('a.b.c')])(
    'is rejected as a token: %p',
    async (value) => {
      const { verifier, judge } = await makeFixture();
      expect(await judge(value as never)).toBe('malformed');
      verifier.close();
    },
  );
});
