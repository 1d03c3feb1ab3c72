import { z } from 'zod';

/** Passwords have 8 to 1,024 bytes of UTF-8. They are neither trimmed nor normalized. */
export const PASSWORD_BYTES = { min: 8, max: 1024 } as const;

const byteLength = (text: string) => new TextEncoder().encode(text).byteLength;
/** Lone surrogates have no UTF-8 form, so two different passwords would have the same hash. */
const wellFormed = (text: string) => text.isWellFormed();

/** A password to be set. */
export const NewPassword = z
  .string()
  .refine(wellFormed, 'must be well-formed Unicode')
  .refine((text) => byteLength(text) >= PASSWORD_BYTES.min, 'must have at least 8 bytes')
  .refine((text) => byteLength(text) <= PASSWORD_BYTES.max, 'must have at most 1024 bytes')
  // OpenAPI counts characters, and 2 characters can have 8 bytes.
  .meta({
    description: '8 to 1024 bytes of UTF-8, neither trimmed nor normalized',
    minLength: 2,
    maxLength: PASSWORD_BYTES.max,
  });

/** A password to be checked. Errors do not reveal the password rules; only the size is limited. */
export const PresentedPassword = z
  .string()
  .min(1)
  .refine((text) => byteLength(text) <= PASSWORD_BYTES.max, 'must have at most 1024 bytes')
  .meta({ description: 'At most 1024 bytes of UTF-8', maxLength: PASSWORD_BYTES.max });

/** `POST /password`. Changes the password and ends the user's other sessions. */
export const ChangePasswordRequest = z.strictObject({
  currentPassword: PresentedPassword,
  newPassword: NewPassword,
});
export type ChangePasswordRequest = z.infer<typeof ChangePasswordRequest>;
