import { jest } from '@jest/globals';
import { DenyList } from '@latchkey/deny-list';
import { waitFor } from '@latchkey/testing';
import { createRevocationFeed } from './index.js';

describe('the option onEvent', () => {
  afterEach(() => jest.restoreAllMocks());
  const warnings = async (onEvent: object) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const feed = createRevocationFeed({
      ...{ servers: 'nats://127.0.0.1:1', denyList: new DenyList() },
      ...{ verifyEvent: () => Promise.resolve(), ...onEvent },
    });
    const start = feed.start();
    await waitFor(() => warned.mock.calls.length > 0);
    await feed.close();
    await start;
    return warned.mock.calls.map(([warning]) => String(warning));
  };

  it.each([{}, { onEvent: undefined }])('reports problems without a callback: %j', async (none) => {
    expect(await warnings(none)).toEqual([
      expect.stringMatching(/^@latchkey\/deny-list-nats: Cannot receive revocations from NATS/),
    ]);
  });

  it('keeps working if the callback throws', async () => {
    const onEvent = () => {
      throw new Error('mine');
    };
    expect(await warnings({ onEvent })).toEqual([
      expect.stringMatching(/^The callback onEvent failed, and the error was ignored: mine\./),
    ]);
  });
});
