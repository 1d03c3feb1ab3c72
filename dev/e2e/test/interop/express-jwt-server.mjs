// Usage: node express-jwt-server.mjs ISSUER AUDIENCE. Prints its address, and ends when standard input closes.
import express from 'express';
import { expressjwt } from 'express-jwt';
import jwksRsa from 'jwks-rsa';

const [issuer, audience] = process.argv.slice(2);
const jwksUri = `${issuer}/.well-known/jwks.json`;
const secret = jwksRsa.expressJwtSecret({ jwksUri, cache: true, rateLimit: true });

const app = express();
app.use(expressjwt({ secret, issuer, audience, algorithms: ['RS256'] }));
app.get('/', (_request, response) => response.end());
app.use((error, _request, response, _next) => {
  response.status(error.status ?? 500).end();
});

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`);
});
process.stdin.resume().once('end', () => process.exit());
