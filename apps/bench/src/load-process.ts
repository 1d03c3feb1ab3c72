import autocannon from 'autocannon';
import { answerQuestions } from './child-process.js';

export interface LoadQuestion {
  readonly url: string;
  readonly seconds: number;
  /** Ends after so many requests, however long they take. */
  readonly amount?: number;
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  /** Sent in turn; each connection has a share of its own. */
  readonly requests: readonly {
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  }[];
}

export interface LoadAnswer {
  readonly requests: number;
  readonly seconds: number;
  /** Answers other than 2xx, errors and time-outs: there must be none. */
  readonly failures: number;
}

answerQuestions<LoadQuestion>(async (question) => {
  const { url, seconds, amount, connections, method, requests } = question;
  const [first] = requests;
  if (!first) throw new Error('there is nothing to send');
  let connected = 0;
  const stopSpinning = spin();
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(amount !== undefined && { amount }),
    method,
    setupClient: (client) => {
      const own = connected++ % connections;
      client.setRequests(
        requests
          .filter((_, index) => index % connections === own)
          .map((request) => ({ method, ...request })),
      );
    },
  });
  stopSpinning();
  const answer: LoadAnswer = {
    requests: result['2xx'],
    seconds: result.duration,
    failures: result.non2xx + result.errors + result.timeouts,
  };
  return answer;
});

/**
 * Keeps this process from sleeping when it has caught up. To wake a process on another core costs a
 * server more than to verify a cached token, and only servers that are faster than their load pay it.
 */
function spin(): () => void {
  let spinning = true;
  const turn = () => {
    if (spinning) setImmediate(turn);
  };
  turn();
  return () => {
    spinning = false;
  };
}
