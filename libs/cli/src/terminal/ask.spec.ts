import { PassThrough } from 'node:stream';
import { ask } from './ask.js';

const terminal = () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  return { input, output, shown: () => (output.read() as Buffer | null)?.toString() ?? '' };
};

describe('a question', () => {
  it('is answered by a line', async () => {
    const { input, output, shown } = terminal();
    const answer = ask({ input, output }, 'User name: ');
    input.write('ada\r');
    expect(await answer).toBe('ada');
    expect(shown()).toContain('User name: ');
  });

  it('does not show a hidden answer, however it is edited', async () => {
    const { input, output, shown } = terminal();
    const answer = ask({ input, output }, 'Password: ', true);
    input.write('secrex\u007ft\u0001\u0005\r');
    expect(await answer).toBe('secret');
    expect(shown()).toBe('Password: \n');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('is canceled by %s', async (_, keys) => {
    const { input, output } = terminal();
    const answer = ask({ input, output }, 'Password: ', true);
    input.write(keys);
    await expect(answer).rejects.toMatchObject({ exitCode: 1, problem: { code: 'canceled' } });
  });

  it('is canceled by the end of the input', async () => {
    const { input, output } = terminal();
    const answer = ask({ input, output }, 'User name: ');
    input.end();
    await expect(answer).rejects.toMatchObject({ exitCode: 1 });
  });
});
