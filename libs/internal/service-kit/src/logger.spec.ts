import { createLogger } from './logger.js';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ';

describe('the log', () => {
  let text: string;
  const logger = () => {
    text = '';
    return createLogger('orders', 'trace', { write: (line) => void (text += line) });
  };

  it.each([
    'authorization',
    'cookie',
    'set-cookie',
    'password',
    'access_token',
    'refreshToken',
    'secret',
  ])('redacts fields named %s, down to three levels', (name) => {
    const log = logger();
    log.info({ [name]: 'hunter2' }, 'one');
    log.info({ a: { [name]: 'hunter2' } }, 'two');
    log.info({ a: { b: { [name]: 'hunter2' } } }, 'three');
    expect(text).not.toContain('hunter2');
    expect(text.split('[redacted]')).toHaveLength(4);
  });

  it('redacts tokens and the passwords of URLs inside errors', () => {
    const error = new Error(`cannot use ${TOKEN} at postgres://user:hunter2@127.0.0.1/db`);
    logger().error({ err: error, cause: error }, 'failed');
    expect(text).toContain('cannot use');
    expect(text).not.toMatch(/hunter2|eyJzdWIi/);
  });

  it('shows only the message of a failed query', () => {
    const error = Object.assign(new Error('duplicate key'), {
      query: 'INSERT hunter2',
      parameters: ['hunter2'],
      detail: 'Key (username)=(hunter2)',
    });
    logger().error({ err: error }, 'failed');
    expect(text).not.toContain('hunter2');
  });
});
