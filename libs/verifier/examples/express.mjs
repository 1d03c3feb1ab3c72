/**
 * An Express 5 server that requires access tokens, and rejects them as soon as their session is logged out.
 *
 * ISSUER=… AUDIENCE=orders NATS_URL=… NATS_USER=orders NATS_PASSWORD=… node express.mjs
 */
import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, eventVerifier } from '@latchkey/deny-list-nats';
import { createVerifier, TokenError, VerifierUnavailableError } from '@latchkey/verifier';
import express from 'express';

const { ISSUER, AUDIENCE, NATS_URL, NATS_USER, NATS_PASSWORD, PORT = '3000' } = process.env;

const denyList = new DenyList();
const verifier = createVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  revocations: denyList,
  whenStale: 'refuse',
  onOutcome: (code) => console.log(`token ${code}`), // log the code, never the token
});
const feed = createRevocationFeed({
  servers: NATS_URL,
  user: NATS_USER,
  password: NATS_PASSWORD,
  denyList,
  verifyEvent: eventVerifier(verifier),
});
// Both load in the background. Until then the server answers 503.
void verifier.loadKeys();
void feed.start();

/** Malformed (RFC 6750 §3.1): a repeated header, which Node would silently drop, or anything after the token. */
function readAuthorization({ headers, rawHeaders }) {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const count = names.filter((name) => name.toLowerCase() === 'authorization').length;
  const [, token] = /^bearer +(\S.*)$/i.exec(headers.authorization ?? '') ?? [];
  return { token, isMalformed: count > 1 || token?.includes(' ') };
}

async function authenticate(request, response, next) {
  const { token, isMalformed } = readAuthorization(request);
  if (isMalformed) {
    response.status(400).set('www-authenticate', 'Bearer error="invalid_request"');
    return response.json({ code: 'invalid_request' });
  }
  if (token === undefined) {
    return response.status(401).set('www-authenticate', 'Bearer').json({ code: 'missing_token' });
  }
  try {
    response.locals.principal = await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenError) {
      response.status(401).set('www-authenticate', 'Bearer error="invalid_token"');
      return response.json({ code: 'invalid_token' });
    }
    if (error instanceof VerifierUnavailableError) {
      return response.status(503).set('retry-after', '1').json({ code: error.code });
    }
    throw error; // Express 5 passes it to the error handler; in Express 4, call next(error)
  }
  next();
}

const app = express();
app.get('/me', authenticate, (_request, response) => {
  response.json({ subject: response.locals.principal.subject });
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${server.address().port}`);
});
function close() {
  // Complete pending requests first.
  server.close(async () => {
    await feed.close();
    verifier.close();
  });
}
process.once('SIGTERM', close);
process.once('SIGINT', close);
