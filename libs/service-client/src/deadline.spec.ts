import { closingController, Deadline } from './deadline.js';

/** `getMaxListeners()` of node:events does not accept signals that Jest has created. */
const maxListenersOf = (signal: AbortSignal): unknown => {
  const symbols = Object.getOwnPropertySymbols(signal);
  const limit = symbols.find(({ description }) => description === 'events.maxEventTargetListeners');
  return Reflect.get(signal, limit!);
};

describe('closingController', () => {
  it('makes a signal that any number of calls can listen to without a warning', () => {
    const { signal } = closingController();
    // Node.js warns of a leak if there are more; 0 is unlimited.
    expect(maxListenersOf(signal)).toBe(0);
    expect(maxListenersOf(new AbortController().signal)).toBe(10);
  });

  it('ends all work that listens to it, and nothing else', async () => {
    const controller = closingController();
    const never = () => new Promise<never>(() => undefined);
    const some = Array.from({ length: 100 }, () =>
      new Deadline('inventory', 60_000, controller.signal).run(never).catch(String),
    );
    const done = new Deadline('inventory', 60_000, closingController().signal);
    controller.abort();
    for (const outcome of await Promise.all(some)) expect(outcome).toContain('inventory');
    expect(await done.run(() => Promise.resolve('done'))).toBe('done');
  });
});
