import { readAuthCounts } from './auth-metrics.js';

describe('readAuthCounts', () => {
  it('adds up the requests for tokens and the exchanges, whatever their order of labels', () => {
    const page = `
http_requests_total{method="POST",route="/oauth/token",status="200"} 5
http_requests_total{method="POST",route="/oauth/token",status="400"} 2
http_requests_total{method="POST",route="/oauth/token/other",status="200"} 90
http_requests_total{method="POST",route="/login",status="200"} 100
latchkey_audit_events_total{event="token_exchanged"} 3
latchkey_audit_events_total{event="token_exchange_refused"} 40
latchkey_audit_events_total{event="transaction_token_issued"} 4`;
    expect(readAuthCounts(page)).toEqual({ tokenRequests: 7, exchanges: 7 });
  });

  it('counts no requests before the first one', () => {
    const page = 'latchkey_audit_events_total{event="token_exchanged"} 0';
    expect(readAuthCounts(page)).toEqual({ tokenRequests: 0, exchanges: 0 });
  });

  it('refuses a page without the counters of auth', () => {
    expect(() => readAuthCounts('')).toThrow('latchkey_audit_events_total');
  });
});
