import type { LiveStatus, LiveVerifier } from '@latchkey/contracts/live';
import { live } from '../../../texts/live.js';
import type { Connection, ReplicaView } from '../replicas/replica.js';
import { isTroubled, troubleText } from './trouble-text.js';

const view = (
  name: string,
  more: { connection?: Connection; fresh?: boolean; whenStale?: LiveVerifier['whenStale'] } = {},
): ReplicaView => {
  const { connection = 'live', fresh = true, whenStale = 'accept' } = more;
  return {
    address: { name, url: `http://${name}`, ...(name !== 'auth' && { route: '/x' }) },
    connection,
    status: { verifier: { fresh, whenStale } } as LiveStatus,
  };
};

describe('the sentence about what is broken', () => {
  it('is absent while all is well', () => {
    const views = [view('auth'), view('orders-1'), view('payments', { connection: 'connecting' })];
    expect(troubleText(views)).toBeUndefined();
    expect(troubleText([view('orders-1', { connection: 'off' })])).toBeUndefined();
    expect(troubleText([])).toBeUndefined();
    expect(views.some(isTroubled)).toBe(false);
  });

  it('says what each stale replica does', () => {
    const views = [
      view('orders-1', { fresh: false }),
      view('orders-2', { fresh: false }),
      view('inventory', { fresh: false, whenStale: 'ask' }),
      view('payments', { fresh: false, whenStale: 'refuse' }),
    ];
    expect(troubleText(views)).toBe(
      'Cut off from news of revocations. payments: refusing to judge, with 503; ' +
        'inventory: asking auth about each token; orders-1, orders-2: accepting what cannot be checked.',
    );
    expect(views.every(isTroubled)).toBe(true);
  });

  it('names what does not answer, and trusts no old figures of it', () => {
    const lost = { connection: 'lost', fresh: false } as const;
    expect(troubleText([view('auth', lost), view('orders-1')])).toBe(live.trouble.noAuth);
    expect(troubleText([view('payments', lost)])).toBe('payments: no answer.');
  });
});
