import { InMemorySigningKeyStore, KeyEncryption, KeyRing } from '@latchkey/issuer';
import { keyPolicy } from '../keys/key-timing.js';
import { StoredMessages } from './stored-messages.js';

const policy = keyPolicy(
  { publishAheadSeconds: 0, rotationSeconds: 3600 },
  { longestSeconds: 300 },
);

describe('StoredMessages', () => {
  it('verifies nothing before the keys are loaded, because everything would look forged', async () => {
    const ring = new KeyRing({
      store: new InMemorySigningKeyStore(),
      policy,
      encryption: new KeyEncryption(new Uint8Array(32)),
    });
    const messages = new StoredMessages(ring, { issuer: 'https://auth.test' });
    await expect(messages.read('a.b.c')).rejects.toThrow('not_loaded');
    await ring.load();
    expect(await messages.read('a.b.c')).toEqual({ type: 'forged' });
  });
});
