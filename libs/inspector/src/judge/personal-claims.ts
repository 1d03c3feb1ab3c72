import { isObject } from '../json/parse-json.js';
import { brief } from '../json/json-suspects.js';

/** The claims of OpenID Connect Core 1.0 §5.1 that describe a person, and others that are common. */
const PERSONAL = new Set(
  (
    'name given_name family_name middle_name nickname preferred_username profile picture email gender birthdate phone_number ' +
    'address street_address postal_code upn unique_name first_name last_name full_name username phone date_of_birth dob ssn ' +
    'ip ipaddr national_id tax_id passport_number'
  ).split(' '),
);
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}\.[a-z]{2,}$/i;
const PHONE = /^\+\d[\d ().-]{6,20}\d$/;

const MAX_LISTED = 8;

/** The names of claims that seem to contain personal data, at the top and one level below. */
export function personalClaims(claims: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(claims)) {
    if (found.length >= MAX_LISTED) break;
    if (isPersonal(name, value)) found.push(brief(name));
    else if (
      isObject(value) &&
      Object.entries(value).some(([inner, content]) => isPersonal(inner, content))
    )
      found.push(brief(name));
  }
  return found;
}

function isPersonal(name: string, value: unknown): boolean {
  if (value === null || value === '' || typeof value === 'boolean') return false;
  if (PERSONAL.has(name.toLowerCase())) return true;
  return (
    typeof value === 'string' && value.length <= 320 && (EMAIL.test(value) || PHONE.test(value))
  );
}
