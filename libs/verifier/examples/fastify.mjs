/**
 * A Fastify server that requires access tokens, and rejects them as soon as their session is logged out.
 *
 * ISSUER=… AUDIENCE=orders NATS_URL=… NATS_USER=orders NATS_PASSWORD=… node fastify.mjs
 */
import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, eventVerifier } from '@latchkey/deny-list-nats';
import { createVerifier, TokenError, VerifierUnavailableError } from '@latchkey/verifier';
import fastify from 'fastify';

const { ISSUER, AUDIENCE, NATS_URL, NATS_USER, NATS_PASSWORD, PORT = '3000' } = process.env;

const denyList = new DenyList();
const verifier = createVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  revocations: denyList,
  whenStale: 'refuse',
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

const app = fastify({ logger: true }); // does not log headers, and so no tokens
app.decorateRequest('principal', null);

/** Malformed (RFC 6750 §3.1): a repeated header, which Node would silently drop, or anything after the token. */
function readAuthorization({ headers, rawHeaders }) {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const count = names.filter((name) => name.toLowerCase() === 'authorization').length;
  const [, token] = /^bearer +(\S.*)$/i.exec(headers.authorization ?? '') ?? [];
  return { token, isMalformed: count > 1 || token?.includes(' ') };
}

async function authenticate(request, reply) {
  const { token, isMalformed } = readAuthorization(request.raw);
  if (isMalformed) {
    reply.code(400).header('www-authenticate', 'Bearer error="invalid_request"');
    return reply.send({ code: 'invalid_request' });
  }
  if (token === undefined) {
    return reply.code(401).header('www-authenticate', 'Bearer').send({ code: 'missing_token' });
  }
  try {
    request.principal = await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenError) {
      request.log.info({ code: error.code }, 'token rejected'); // log the code; do not send it
      reply.code(401).header('www-authenticate', 'Bearer error="invalid_token"');
      return reply.send({ code: 'invalid_token' });
    }
    if (error instanceof VerifierUnavailableError) {
      return reply.code(503).header('retry-after', '1').send({ code: error.code });
    }
    throw error;
  }
}

app.get('/me', { onRequest: authenticate }, ({ principal }) => ({ subject: principal.subject }));

async function close() {
  await app.close(); // completes pending requests
  await feed.close();
  verifier.close();
}
process.once('SIGTERM', close);
process.once('SIGINT', close);
await app.listen({ host: '127.0.0.1', port: Number(PORT) });
