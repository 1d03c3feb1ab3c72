import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import tseslint from 'typescript-eslint';
import { publishedLibraries } from './dev/scripts/published-libraries.mjs';

const frameworks = [
  '@nestjs/*',
  'fastify',
  '@fastify/*',
  'rxjs',
  '@nats-io/*',
  'typeorm',
  'pg',
  '@redis/*',
  'pino',
];
const layers = (sourceTag, ...onlyDependOnLibsWithTags) => ({
  sourceTag: `layer:${sourceTag}`,
  onlyDependOnLibsWithTags: onlyDependOnLibsWithTags.map((tag) => `layer:${tag}`),
});
const places = (sourceTag, ...onlyDependOnLibsWithTags) => ({
  sourceTag: `place:${sourceTag}`,
  onlyDependOnLibsWithTags: onlyDependOnLibsWithTags.map((tag) => `place:${tag}`),
});
const scopes = (sourceTag, ...onlyDependOnLibsWithTags) => ({
  sourceTag: `scope:${sourceTag}`,
  onlyDependOnLibsWithTags: onlyDependOnLibsWithTags.map((tag) => `scope:${tag}`),
});

/** Layers point one way; only `scope:auth` reaches `scope:issuer`: a verifier cannot sign. */
const depConstraints = (more = {}) => [
  // What is published needs nothing that is not; what is deployed needs nothing of `dev`.
  places('libs', 'libs', ...(more.place ?? [])),
  places('libs-internal', 'libs', 'libs-internal', ...(more.place ?? [])),
  places('apps', 'libs', 'libs-internal', ...(more.place ?? [])),
  places('dev', 'libs', 'libs-internal', 'dev'),
  layers('app', 'adapter', 'core', 'contract', ...(more.app ?? [])),
  layers('adapter', 'adapter', 'core', 'contract', ...(more.any ?? [])),
  { ...layers('core', 'core', 'contract', ...(more.any ?? [])), bannedExternalImports: frameworks },
  { ...layers('contract', 'contract', ...(more.any ?? [])), bannedExternalImports: frameworks },
  layers('testing', 'contract', 'tooling', 'testing'),
  layers('tooling', 'contract', 'tooling', ...(more.any ?? [])),
  scopes('shared', 'shared'),
  scopes('token', 'shared', 'token', 'revocation'),
  scopes('issuer', 'shared', 'issuer'),
  scopes('shop', 'shared', 'shop'),
  // The guard of either architecture leaves the same principal behind.
  scopes('session', 'shared', 'session', 'token', 'revocation'),
  scopes('revocation', 'shared', 'revocation'),
  // Its tests look at what verifiers make of its events.
  scopes('auth', 'shared', 'auth', 'issuer', 'token', 'session', ...(more.auth ?? [])),
  scopes('service', 'shared', 'token', 'revocation', 'session', 'shop', 'service'),
  scopes('lab', 'shared', 'token', 'revocation', 'session', 'shop', 'lab'),
  // It runs in browsers, and decodes with the code that the command uses.
  { ...scopes('console', 'shared', 'token', 'console'), bannedExternalImports: frameworks },
  // The benchmark measures both sides and ships in nothing.
  scopes('bench', 'shared', 'token', 'revocation', 'issuer', 'bench'),
];
const boundaries = (more) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    allowCircularSelfDependency: false,
    banTransitiveDependencies: false,
    allow: [],
    // Jest loads its global set-up before there is a loader for TypeScript, so that imports it lazily.
    checkDynamicDependenciesExceptions: ['@latchkey/local-stack'],
    depConstraints: depConstraints(more),
  },
];

const sizes = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 10],
};

/** The wings of the auth service. Each may import those before it, so that no two need each other. */
const AUTH_WINGS = [
  'platform',
  'keys',
  'tokens',
  'clients',
  'accounts',
  'revocations',
  'sessions',
  'oauth',
  'snapshot',
  'status',
  'admin',
];
const wingZones = AUTH_WINGS.map((wing, index) => ({
  target: `./apps/auth/src/${wing}`,
  from: './apps/auth/src',
  except: AUTH_WINGS.slice(0, index + 1).map((below) => `./${below}`),
  message: 'A wing of auth imports the wings before it only (AUTH_WINGS in eslint.config.mjs).',
}));

/** What others can import. `type X = z.infer<typeof X>` shares the comment of its schema. */
const exported = [
  'ExportNamedDeclaration > FunctionDeclaration',
  'ExportNamedDeclaration > ClassDeclaration',
  'ExportNamedDeclaration[declaration.type="VariableDeclaration"]',
  'ExportNamedDeclaration > TSInterfaceDeclaration',
  'ExportNamedDeclaration > TSTypeAliasDeclaration:not([typeAnnotation.typeName.right.name="infer"])',
  'ExportNamedDeclaration > ClassDeclaration > ClassBody > MethodDefinition' +
    ':not([kind="constructor"]):not([accessibility="private"]):not([key.type="PrivateIdentifier"])',
];

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The modules behind a library's entry points, and those that they export from. */
function publishedModules(library) {
  const folder = `libs/${library}`;
  const entries = Object.values(JSON.parse(read(`${folder}/package.json`)).exports);
  return entries.flatMap((entry) =>
    exportingModules(posix.join(folder, entry['@latchkey/source'])),
  );
}

/** A module, and those that it exports from, directly or through others. */
function exportingModules(file) {
  const reexports = read(file).matchAll(/^export (?:type )?(?:\*|{[^}]*}) from '(\.\/.*)\.js'/gm);
  const sources = [...reexports].map(([, path]) => posix.join(posix.dirname(file), `${path}.ts`));
  return [file, ...sources.flatMap(exportingModules)];
}

export default tseslint.config(
  { ignores: ['**/dist', '.nx', '.latchkey', 'coverage', 'node_modules'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        importX.createNodeResolver({ extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    },
    rules: {
      ...sizes,
      '@nx/enforce-module-boundaries': boundaries({ app: ['tooling'] }),
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in config.ts only.' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // An id that is revoked or ends a cookie comes from a row or a token of ours, never from a request.
    files: ['apps/auth/**/*.ts'],
    ignores: ['**/test/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'TSAsExpression > TSTypeReference[typeName.name=/^(ClientId|SessionId|SigningKeyId|TokenId|UserId)$/]',
          message: 'Look it up, and use the id that was found.',
        },
      ],
    },
  },
  {
    files: ['apps/auth/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.int-spec.ts'],
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: wingZones },
      ],
    },
  },
  {
    // Domain services and auth compose libraries; only the demo, the tests and the lab start processes.
    files: ['apps/**/*.{ts,tsx}'],
    rules: { '@nx/enforce-module-boundaries': boundaries({}) },
  },
  {
    files: ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts', '**/test/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries({
        app: ['tooling', 'testing'],
        any: ['tooling', 'testing'],
        place: ['libs-internal', 'dev'],
        auth: ['revocation'],
      }),
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    // Whoever installs a library reads its types and comments, not this repository.
    files: publishedLibraries().flatMap(publishedModules),
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        { contexts: exported, require: { FunctionDeclaration: false }, enableFixer: false },
      ],
      'jsdoc/require-description': ['error', { contexts: exported }],
      'jsdoc/informative-docs': 'error',
    },
  },
  {
    // They measure: the one issues the tokens that it measures with, the other breaks things on purpose.
    files: ['dev/bench/**/*.ts', 'dev/lab/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ app: ['tooling', 'testing'] }),
      'no-console': 'off',
    },
  },
  {
    files: ['**/config.ts', 'dev/local-stack/**/*.ts', 'dev/testing/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['dev/demo/**/*.ts'], rules: { 'no-console': 'off' } },
  prettier,
);
