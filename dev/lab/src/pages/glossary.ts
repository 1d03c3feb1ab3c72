import { html, type Html } from './html.js';

/** Terms in the sections that a backend developer may not know. */
const WORDS: readonly (readonly [word: string, meaning: string])[] = [
  [
    'access token, JWT',
    'A signed statement of who the caller is and until when it is valid. Anyone with the public key can verify it offline.',
  ],
  [
    'token new, token seen before',
    'A verifier checks the signature of a token when it first sees it, and caches the result. Later requests with the same token only check its expiry, the deny-list and whether the key is still valid.',
  ],
  [
    'session cookie',
    'A random value without meaning of its own: every request looks it up in a store that all replicas share.',
  ],
  [
    'introspection',
    'The service asks the auth service about the token on every request (RFC 7662).',
  ],
  ['passport-jwt', 'A widely used library that verifies JWTs; it does not support log-out.'],
  [
    'deny-list',
    'The sessions and tokens that were logged out and have not expired yet, held in memory by every verifier.',
  ],
  [
    'staleness',
    'The time since a verifier last knew that its deny-list was complete. Beyond a limit (5 s by default) the policy of the route applies: “refuse” returns 503, “ask” introspects the token at the auth service, “accept” continues.',
  ],
  [
    'closed loop',
    'A fixed number of connections, each of which sends its next request when the previous one is answered. It measures throughput, but its latencies are too good: a slow server gets fewer requests.',
  ],
  [
    'open loop',
    'Requests are due at fixed times, whether or not earlier ones were answered, as with real users. Latency counts from when a request was due, so a stall counts for every request that waited (no “coordinated omission”).',
  ],
  ['p50, p99', 'Percentiles: half of the requests took at most p50, 99 of 100 at most p99.'],
  [
    'median and range',
    'Each figure is the median of all rounds; whiskers and “(a to b)” show the lowest and the highest round. Figures whose ranges overlap are not clearly different.',
  ],
  ['replica', 'One of several processes of the same service that share its work.'],
  [
    'saturated',
    'Out of processor time: it is busy all the time that it is allowed, and additional requests only wait.',
  ],
  ['cgroup', 'A control group: the Linux feature that limits processes to a part of a core.'],
  [
    'USL: λ, σ, κ',
    'The Universal Scalability Law (Gunther) for the throughput of N replicas: X(N) = λN / (1 + σ(N−1) + κN(N−1)). λ (lambda) is the throughput of one replica. σ (sigma, contention) is the part of the work that queues for a shared resource: it makes the curve level off. κ (kappa, coherency) is the cost of keeping replicas consistent: it makes the curve fall again.',
  ],
  [
    'R²',
    'How well a fitted curve matches the measured points: 1 is exact; do not trust a curve well below 0.9.',
  ],
];

export function glossary(): Html {
  return html`<section id="words" aria-labelledby="words-title">
    <h2 id="words-title">Glossary</h2>
    <dl class="glossary">
      ${WORDS.map(
        ([word, meaning]) =>
          html`<dt>${word}</dt>
            <dd>${meaning}</dd>`,
      )}
    </dl>
  </section>`;
}
