import type { ApiError } from './api-error.js';

/** What auth says of a field, or of a part of it: `/roles` is told what is wrong with `/roles/0`. */
export function messageFor(error: ApiError | undefined, pointer: string): string | undefined {
  const [found] = Object.entries(error?.fields ?? {}).filter(
    ([field]) => field === pointer || field.startsWith(`${pointer}/`),
  );
  return found?.[1];
}
