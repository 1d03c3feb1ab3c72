import { surroundings } from './config.js';
import { NamedServerError } from './servers/named-server.js';

describe('surroundings', () => {
  it('takes an empty and a blank variable for one that is absent', () => {
    for (const nothing of ['', ' '])
      expect(
        surroundings({ LATCHKEY_POSTGRES_URL: nothing, NATS_URL: nothing, REDIS_URL: nothing }),
      ).toEqual({ searchPath: '' });
  });

  it.each([
    ['LATCHKEY_POSTGRES_URL', 'postgres//ada:hunter2@host'],
    ['LATCHKEY_POSTGRES_URL', 'mysql://ada:hunter2@host'],
    ['REDIS_URL', 'ada:hunter2@host'],
    ['NATS_URL', 'nats://ada:hunter2@host'],
    ['NATS_URL', 'hunter2'],
  ])('refuses %s=%s, naming it and not its value', (name, value) => {
    const read = () => surroundings({ [name]: value });
    expect(read).toThrow(NamedServerError);
    expect(read).toThrow(name);
    expect(read).not.toThrow('hunter2');
  });
});
