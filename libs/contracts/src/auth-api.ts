import { z } from 'zod';

/** Passwords are taken exactly: 8 to 1,024 bytes of UTF-8, no trimming, no normalisation. */
export const PASSWORD_BYTES = { min: 8, max: 1024 } as const;

const byteLength = (text: string) => new TextEncoder().encode(text).byteLength;
/** A lone surrogate has no UTF-8 form: two different passwords would hash alike. */
const wellFormed = (text: string) => text.isWellFormed();

const NewPassword = z
  .string()
  .refine(wellFormed, 'must be well-formed Unicode')
  .refine((text) => byteLength(text) >= PASSWORD_BYTES.min, 'must have at least 8 bytes')
  .refine((text) => byteLength(text) <= PASSWORD_BYTES.max, 'must have at most 1024 bytes');

/** At log-in no rule is told: any text up to the limit is simply right or wrong. */
const PresentedPassword = z
  .string()
  .min(1)
  .refine((text) => byteLength(text) <= PASSWORD_BYTES.max, 'must have at most 1024 bytes');

/** The name of an account: trimmed of nothing, compared without case. */
export const Username = z
  .string()
  .min(3)
  .max(254)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u, 'must be letters, digits and . _ @ + -')
  .transform((name) => name.normalize('NFKC').toLowerCase());

export const RegisterRequest = z.strictObject({ username: Username, password: NewPassword });
export type RegisterRequest = z.infer<typeof RegisterRequest>;

/** Where the refresh token of a log-in goes: into the answer, or into a `__Host-` HttpOnly cookie. */
export const RefreshTokenDelivery = z.enum(['body', 'cookie']);

export const LoginRequest = z.strictObject({
  username: Username,
  password: PresentedPassword,
  refreshTokenDelivery: RefreshTokenDelivery.default('body'),
});
export type LoginRequest = z.infer<typeof LoginRequest>;

/** RFC 6749 §5.1. `refresh_token` is left out when it went into a cookie. */
export const TokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().positive(),
  scope: z.string(),
  refresh_token: z.string().optional(),
});
export type TokenReply = z.infer<typeof TokenReply>;

export const ChangePasswordRequest = z.strictObject({
  currentPassword: PresentedPassword,
  newPassword: NewPassword,
});
export type ChangePasswordRequest = z.infer<typeof ChangePasswordRequest>;

export const SessionReply = z.object({
  sid: z.uuid(),
  current: z.boolean(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  userAgent: z.string().nullable(),
});
export const SessionListReply = z.object({ sessions: z.array(SessionReply) });
export type SessionListReply = z.infer<typeof SessionListReply>;

/** RFC 6749 §5.2. */
export const OAuthError = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'unsupported_token_type',
    'invalid_scope',
    'temporarily_unavailable',
  ]),
  error_description: z.string().optional(),
});
export type OAuthError = z.infer<typeof OAuthError>;
