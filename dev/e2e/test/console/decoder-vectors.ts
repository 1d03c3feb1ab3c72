import { readFileSync } from 'node:fs';
import { compactVerify, decodeProtectedHeader, flattenedVerify } from 'jose';
import type { FlattenedJWSInput, GeneralJWS, JWK } from 'jose';
import type { DecoderPage } from './decoder-page.js';

type Jws = string | FlattenedJWSInput | GeneralJWS;

/** A published signature, and whether jose accepts it. */
export interface Vector {
  readonly title: string;
  readonly text: string;
  readonly isAccepted: boolean;
}

/** Vectors with the same keys. */
export interface VectorGroup {
  readonly keys: string;
  readonly vectors: readonly Vector[];
}

interface Examples {
  readonly examples: readonly {
    readonly name: string;
    readonly jwk: JWK;
    readonly token: string;
    readonly flattened?: string;
  }[];
  readonly others: readonly {
    readonly name: string;
    readonly keys: readonly JWK[];
    readonly value: Jws;
  }[];
}

interface Wycheproof {
  readonly testGroups: readonly {
    readonly jwk: JWK;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly jws: string;
    }[];
  }[];
}

const VECTORS = new URL('../../../../libs/inspector/test/vectors/', import.meta.url);
const RSA_VECTORS = new URL('../../../verifier/test/attacks/vectors/', VECTORS);

const read = (name: string, folder = VECTORS): unknown =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

/** The examples of RFC 7515, 7519, 7520, 7797 and 8037, and the signatures of Wycheproof. */
export async function publishedVectors(): Promise<VectorGroup[]> {
  const { examples, others } = read('rfc-examples.json') as Examples;
  const wycheproof = [
    read('wycheproof-json-web-signature-other.json'),
    read('wycheproof-json-web-signature-rsa.json', RSA_VECTORS),
  ].flatMap((file) => (file as Wycheproof).testGroups);
  return Promise.all([
    ...examples.map(({ name, jwk, token, flattened }) =>
      groupOf([jwk], [[name, token], ...(flattened ? [[name, parsed(flattened)] as const] : [])]),
    ),
    ...others.map(({ name, keys, value }) => groupOf(keys, [[name, value]])),
    ...wycheproof.map(({ jwk, tests }) =>
      groupOf(
        [jwk],
        tests.map(({ tcId, comment, jws }) => [`Wycheproof ${tcId} ${comment}`, jws]),
      ),
    ),
  ]);
}

const parsed = (json: string) => JSON.parse(json) as FlattenedJWSInput;

async function groupOf(
  keys: readonly JWK[],
  rows: readonly (readonly [title: string, jws: Jws])[],
): Promise<VectorGroup> {
  const [only] = keys;
  // The page says nothing about an empty text.
  const filled = rows.filter(([, jws]) => jws !== '');
  const vectors = filled.map(async ([title, jws]): Promise<Vector> => ({
    title,
    text: typeof jws === 'string' ? jws : JSON.stringify(jws),
    isAccepted: await joseAccepts(jws, keys),
  }));
  return {
    keys: JSON.stringify(keys.length === 1 ? only : { keys }),
    vectors: await Promise.all(vectors),
  };
}

/** Whether jose accepts the first signature, and it is written in the only way that RFC 7515 §2 allows. */
async function joseAccepts(jws: Jws, keys: readonly JWK[]): Promise<boolean> {
  const results = await Promise.allSettled(
    keys.map((key) =>
      typeof jws === 'string'
        ? compactVerify(jws, key)
        : flattenedVerify(
            { ...(jws as GeneralJWS).signatures?.[0], ...jws } as FlattenedJWSInput,
            key,
          ),
    ),
  );
  return results.some(({ status }) => status === 'fulfilled') && isCanonical(jws);
}

/** jose skips white space and unused bits. */
function isCanonical(jws: Jws): boolean {
  if (typeof jws !== 'string') return true;
  const isPlain = (decodeProtectedHeader(jws) as { b64?: boolean }).b64 === false;
  return jws
    .split('.')
    .every(
      (segment, index) =>
        (index === 1 && isPlain) ||
        Buffer.from(segment, 'base64url').toString('base64url') === segment,
    );
}

/** Failures that are about a claims set, which these payloads are not. */
const ABOUT_CLAIMS = ['claims', 'json', 'expiry'];

/** Enters each vector with its keys, and returns the titles of those that the page judges differently. */
export async function differingVectors(
  { page }: DecoderPage,
  groups: readonly VectorGroup[],
): Promise<string[]> {
  const judged = await page.evaluate<Record<string, string>[]>(
    `(${ENTER_ALL})(${JSON.stringify(groups)})`,
  );
  return groups
    .flatMap(({ vectors }) => vectors)
    .filter(({ text, isAccepted }, index) => {
      // A JSON serialization is not a JWT, however good its signature is.
      const ignored = text.startsWith('{') ? [...ABOUT_CLAIMS, 'structure'] : ABOUT_CLAIMS;
      return isAuthentic(judged[index] ?? {}, ignored) !== isAccepted;
    })
    .map(({ title }) => title);
}

const isAuthentic = (states: Record<string, string>, ignored: readonly string[]): boolean =>
  states['signature'] === 'passed' &&
  Object.entries(states).every(([rule, state]) => ignored.includes(rule) || state !== 'failed');

/** Runs in the page, because 450 times there and back would take longer than judging. */
const ENTER_ALL = `async (groups) => {
  const find = (selector) => document.querySelector(selector);
  const until = (title, isDone) => new Promise((resolve, reject) => {
    const observer = new MutationObserver(() => {
      if (!isDone()) return;
      observer.disconnect();
      clearTimeout(timer);
      resolve();
    });
    const timer = setTimeout(() => reject(new Error(title + ' is not judged')), 5_000);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const enter = async (title, field, text, isDone) => {
    const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value');
    const done = until(title, isDone);
    set.call(field, text);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await done;
  };
  const [token, key] = [find('.decode-token textarea'), find('textarea.mono-input')];
  const hasKeys = () => find('.key-list') !== null || find('.note-error') !== null;
  const states = [];
  for (const { keys, vectors } of groups) {
    if (hasKeys()) await enter(keys, key, '', () => !hasKeys());
    await enter(keys, key, keys, hasKeys);
    for (const { title, text } of vectors) {
      await enter(title, token, text, () => find('[data-verdict]') !== null);
      states.push(Object.fromEntries([...document.querySelectorAll('[data-rule]')].map(
        ({ dataset }) => [dataset.rule, dataset.state])));
      await enter(title, token, '', () => find('[data-verdict]') === null);
    }
  }
  return states;
}`;
