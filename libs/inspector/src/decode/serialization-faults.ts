import type { DecodedToken, Fault } from '../decoded-token.js';
import { quoted } from '../json/json-suspects.js';
import type { JsonSerialization } from './json-serialization.js';

/** The faults of a token in JSON serialization. That it has this form is the first of them. */
export function serializationFaults(
  source: JsonSerialization,
  { text, faults, segments }: DecodedToken,
): Fault[] {
  const { unprotected } = source;
  const [header] = segments;
  // The whole header may be unprotected (RFC 7515 §7.2.1).
  const isAbsent = header?.raw === '' && Object.keys(unprotected).length > 0;
  return [
    formFault(source, text.length),
    ...sharedMembers(unprotected, header?.json?.value).map((name) => sharedFault(name)),
    ...faults.filter(({ segment }) => !(isAbsent && segment === 'header')),
  ];
}

function formFault({ form, others }: JsonSerialization, length: number): Fault {
  const [what, reference, part] =
    form === 'jws_json'
      ? ['JWS', 'RFC 7515 §7.2', 'signature']
      : ['JWE', 'RFC 7516 §7.2', 'recipient'];
  const shown = others === 0 ? 'it' : `its first ${part}, of ${others + 1},`;
  return {
    ...{ code: 'json_serialization', severity: 'error', offset: 0, length },
    message: `This is a ${what} in JSON serialization (${reference}), but a JWT is always compact (RFC 7519 §1); ${shown} is shown in compact form.`,
  };
}

function sharedMembers(unprotected: object, header: unknown): string[] {
  if (typeof header !== 'object' || header === null) return [];
  return Object.keys(unprotected).filter((name) => Object.hasOwn(header, name));
}

const sharedFault = (name: string): Fault => ({
  ...{ code: 'duplicate_member', severity: 'error', segment: 'header', offset: 0, length: 0 },
  message: `The member ${quoted(name)} is in both parts of the header, the protected and the unprotected one, which must not share any (RFC 7515 §7.2.1).`,
});
