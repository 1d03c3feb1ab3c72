/** Packages whose versions the figures depend on. */
export const PEERS = [
  '@nestjs/core',
  '@nestjs/jwt',
  '@nestjs/passport',
  'autocannon',
  'aws-jwt-verify',
  'fast-jwt',
  'fastify',
  'jose',
  'jsonwebtoken',
  'oidc-provider',
  'passport-jwt',
] as const;
