import autocannon from 'autocannon';

/** What the parent says to this process, and is told by it. */
export interface LoadRequest {
  readonly type: 'load';
  readonly url: string;
  readonly tokens: readonly string[];
  readonly seconds: number;
}
export interface LoadReply {
  readonly type: 'loaded';
  readonly requests: number;
  readonly seconds: number;
  /** Answers other than 2xx, errors and time-outs: there must be none. */
  readonly failures: number;
  readonly p99Milliseconds: number;
}

const CONNECTIONS = 32;

process.on('message', (request: LoadRequest) => void load(request));
process.on('disconnect', () => process.exit());

async function load({ url, tokens, seconds }: LoadRequest): Promise<void> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: tokens.map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
  });
  const reply: LoadReply = {
    type: 'loaded',
    requests: result['2xx'],
    seconds: result.duration,
    failures: result.non2xx + result.errors + result.timeouts,
    p99Milliseconds: result.latency.p99,
  };
  process.send?.(reply);
}
