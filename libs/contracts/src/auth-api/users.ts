import { z } from 'zod';
import { RoleName } from './admin.js';
import { NewPassword } from './password.js';
import { canonicalUsername, Username } from './username.js';

/** Roles in any order. Repeated ones count once. */
const Roles = z
  .array(RoleName)
  .max(64)
  .transform((names) => [...new Set(names)]);

/** `POST /admin/users`. Unlike a registration, it says whether the name is taken, and can give roles. */
export const CreateUserRequest = z.strictObject({
  username: Username,
  password: NewPassword,
  roles: Roles.default([]),
});
export type CreateUserRequest = z.infer<typeof CreateUserRequest>;

/** `PUT /admin/users/:username/roles`. Replaces all roles. */
export const UserRolesRequest = z.strictObject({ roles: Roles });
export type UserRolesRequest = z.infer<typeof UserRolesRequest>;

/** `PUT /admin/users/:username/password`. Sets a new password and ends all sessions of the user. */
export const ResetPasswordRequest = z.strictObject({ password: NewPassword });
export type ResetPasswordRequest = z.infer<typeof ResetPasswordRequest>;

/** A user as administrators see it. */
export const UserReply = z.object({
  id: z.uuid(),
  username: z.string(),
  /** The roles in the database, even if the configuration no longer defines them. */
  roles: z.array(z.string()),
  /** The scopes of the user's next token, by the current configuration. */
  scopes: z.array(z.string()),
  disabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type UserReply = z.infer<typeof UserReply>;

const UserId = z.uuid().toLowerCase();

/**
 * Selects a page of users: up to `limit` that follow the user `after`, which is the `next` of the previous page. With
 * `search`, only those whose name contains the text, in any case, or whose id it is.
 */
export const UserPageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: UserId.optional(),
  search: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .regex(/^\P{Cc}*$/u, 'must have no control characters')
    .meta({ description: 'Part of a name, in any case, or an id' })
    .transform(canonicalUsername)
    .optional(),
});
export type UserPageQuery = z.infer<typeof UserPageQuery>;

/** One page of users, the oldest account first. */
export const UserListReply = z.object({
  users: z.array(UserReply),
  /** The `after` of the next page; absent on the last page. */
  next: UserId.optional(),
});
export type UserListReply = z.infer<typeof UserListReply>;
