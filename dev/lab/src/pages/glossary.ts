import { html, type Html } from './html.js';

/** Each word that a section uses and a developer of services need not know. */
const WORDS: readonly (readonly [word: string, meaning: string])[] = [
  [
    'access token, JWT',
    'A signed text that says who calls and until when. Whoever has the public key can check it without asking anybody.',
  ],
  [
    'token new, token seen before',
    'A verifier checks a token’s signature at its first sight and remembers that it was good. At each later request with it only the expiry, the deny-list and the key’s validity are checked.',
  ],
  [
    'session cookie',
    'A random text that means nothing by itself: each request looks it up in a store that all replicas share.',
  ],
  [
    'introspection',
    'The service asks the auth service about the token at each request (RFC 7662).',
  ],
  ['passport-jwt', 'A widely used library that verifies JWTs; it knows no log-out.'],
  [
    'deny-list',
    'What a verifier keeps in its memory: the sessions and tokens that were logged out and have not expired yet.',
  ],
  [
    'staleness',
    'How long ago a verifier last knew that its deny-list was complete. Beyond its limit (5 s by default) a route does what it was told: “refuse” answers 503, “ask” asks the auth service, “accept” goes on.',
  ],
  [
    'closed loop',
    'A fixed number of connections, each of which sends its next request when the last one was answered. It shows how many requests can be answered, but its latencies flatter: a slow server is asked less.',
  ],
  [
    'open loop',
    'Requests are due at fixed times, whether or not the ones before were answered, as with real users. Latency counts from when a request was due, so that a stall counts for every request that had to wait (no “coordinated omission”).',
  ],
  [
    'p50, p99',
    'Percentiles: half of the requests took no longer than p50, 99 of 100 no longer than p99.',
  ],
  [
    'median and spread',
    'Each figure is the median over all rounds; whiskers and “(a to b)” are the lowest and the highest round. Two figures whose ranges overlap cannot be told apart.',
  ],
  ['replica', 'One of several processes of the same service that share its work.'],
  [
    'saturated',
    'Without processor time left: it is busy for all of the time that it is allowed, and more requests only wait.',
  ],
  ['cgroup', 'The way in which Linux holds a process to a part of a core.'],
  [
    'USL: λ, σ, κ',
    'The Universal Scalability Law (Gunther) for the throughput of N replicas: X(N) = λN / (1 + σ(N−1) + κN(N−1)). λ (lambda) is what one replica does. σ (sigma, contention) is the part of the work that queues for something shared: it makes the curve level off. κ (kappa, coherency) is the cost of agreeing with each other: it makes the curve fall again.',
  ],
  [
    'R²',
    'How well a fitted curve meets the measured points: 1 is exact, and well below 0.9 the curve should not be trusted.',
  ],
];

export function glossary(): Html {
  return html`<section id="words" aria-labelledby="words-title">
    <h2 id="words-title">Words</h2>
    <dl class="glossary">
      ${WORDS.map(
        ([word, meaning]) =>
          html`<dt>${word}</dt>
            <dd>${meaning}</dd>`,
      )}
    </dl>
  </section>`;
}
