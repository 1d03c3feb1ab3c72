#!/usr/bin/env node
/**
 * Proves that the rules of the architecture are enforced. Lints source that breaks a rule as if it were in the
 * given file, and fails unless that rule reports it. Source that breaks no rule must pass.
 *
 * The rule of Nx needs the project graph in Nx's cache, where every command of Nx puts it.
 */
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { CHECKOUT } from './checkout.mjs';

const BOUNDARIES = '@nx/enforce-module-boundaries';
const ENVIRONMENT = 'no-restricted-properties';
const CYCLES = 'import-x/no-cycle';
const WINGS = 'import-x/no-restricted-paths';

/** @type {{ says: string, file: string, source: string, rule: string | undefined }[]} */
const CASES = [
  {
    says: 'a core may use the contract',
    file: 'libs/verifier/src/probe.ts',
    source: "import { Revocation } from '@latchkey/contracts';\nexport const probe = Revocation;\n",
    rule: undefined,
  },
  {
    says: 'a verifier cannot sign',
    file: 'libs/verifier/src/probe.ts',
    source: "import { signEvent } from '@latchkey/issuer';\nexport const probe = signEvent;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'a domain service cannot sign',
    file: 'apps/orders/src/probe.ts',
    source: "import { signEvent } from '@latchkey/issuer';\nexport const probe = signEvent;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'a core knows no framework',
    file: 'libs/verifier/src/probe.ts',
    source: "import { Injectable } from '@nestjs/common';\nexport const probe = Injectable;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'a core knows no network client',
    file: 'libs/deny-list/src/probe.ts',
    source: "import { connect } from '@nats-io/transport-node';\nexport const probe = connect;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'the contract depends on nothing of ours',
    file: 'libs/contracts/src/probe.ts',
    source: "import { DenyList } from '@latchkey/deny-list';\nexport const probe = DenyList;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'the deny-list does not know the verifier',
    file: 'libs/deny-list/src/probe.ts',
    source: "import { TokenError } from '@latchkey/verifier';\nexport const probe = TokenError;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'the command of administrators has no verifier, and so no way around the API',
    file: 'libs/cli/src/probe.ts',
    source:
      "import { createVerifier } from '@latchkey/verifier';\nexport const probe = createVerifier;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'a published library needs no internal one',
    file: 'libs/deny-list-nats/src/probe.ts',
    source: "import { createLog } from '@latchkey/service-kit';\nexport const probe = createLog;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'auth does not know the shop',
    file: 'apps/auth/src/probe.ts',
    source: "import { Money } from '@latchkey/shop-contracts';\nexport const probe = Money;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'what is deployed needs nothing of dev',
    file: 'libs/internal/service-kit/src/probe.ts',
    source:
      "import { LoadGenerator } from '@latchkey/load-generator';\nexport const probe = LoadGenerator;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'an app never imports an app',
    file: 'apps/orders/src/probe.ts',
    source:
      "import * as payments from '../../payments/src/app.module.js';\nexport const probe = payments;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'the console decodes with the code of the command',
    file: 'apps/console/src/probe.tsx',
    source: "import * as inspector from '@latchkey/inspector';\nexport const probe = inspector;\n",
    rule: undefined,
  },
  {
    says: 'the console has nothing of a server',
    file: 'apps/console/src/probe.tsx',
    source: "import { Injectable } from '@nestjs/common';\nexport const probe = Injectable;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'the console cannot sign with the keys of auth',
    file: 'apps/console/src/probe.tsx',
    source: "import { signEvent } from '@latchkey/issuer';\nexport const probe = signEvent;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'auth serves the console as files, and imports nothing of it',
    file: 'apps/auth/src/probe.ts',
    source: "import { texts } from '../../console/src/texts.js';\nexport const probe = texts;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'production code never imports test fixtures',
    file: 'libs/internal/service-kit/src/probe.ts',
    source: "import { makeToken } from '@latchkey/testing';\nexport const probe = makeToken;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'a service starts no processes of its own',
    file: 'apps/auth/src/probe.ts',
    source:
      "import { ProcessGroup } from '@latchkey/local-stack';\nexport const probe = ProcessGroup;\n",
    rule: BOUNDARIES,
  },
  {
    says: 'the environment is read in config.ts only',
    file: 'apps/orders/src/probe.ts',
    source: "export const probe = process.env['PORT'];\n",
    rule: ENVIRONMENT,
  },
  {
    says: 'config.ts may read it',
    file: 'apps/orders/src/config.ts',
    source: "export const probe = process.env['PORT'];\n",
    rule: undefined,
  },
  {
    says: 'no cycle inside a project',
    file: 'libs/verifier/src/errors.ts',
    source: "import { KeySet } from './keys/key-set.js';\nexport const probe = KeySet;\n",
    rule: CYCLES,
  },
  {
    says: 'a wing of auth may use one below it',
    file: 'apps/auth/src/sessions/probe.ts',
    source:
      "import { RecordedKeyRevocation } from '../revocations/recorded-key-revocation.js';\nexport const probe = RecordedKeyRevocation;\n",
    rule: undefined,
  },
  {
    says: 'two wings of auth never import each other',
    file: 'apps/auth/src/revocations/probe.ts',
    source:
      "import { SessionRecord } from '../sessions/session-record.js';\nexport const probe = SessionRecord;\n",
    rule: WINGS,
  },
  {
    says: 'two wings of auth do not even share types in both directions',
    file: 'apps/auth/src/keys/probe.ts',
    source:
      "import type { OwnPrincipal } from '../tokens/own-token-verifier.js';\nexport type Probe = OwnPrincipal;\n",
    rule: WINGS,
  },
  {
    says: 'a wing of auth does not know the application around it',
    file: 'apps/auth/src/accounts/probe.ts',
    source: "import { config } from '../config.js';\nexport const probe = config;\n",
    rule: WINGS,
  },
];

// The probes are not on the disk, so rules that need types cannot check them. BOUNDARIES, ENVIRONMENT, CYCLES
// and WINGS need none.
const eslint = new ESLint({
  cwd: CHECKOUT,
  overrideConfig: [
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false } } },
  ],
});

let failed = 0;
for (const { says, file, source, rule } of CASES) {
  const [result] = await eslint.lintText(source, { filePath: `${CHECKOUT}${file}` });
  const broken = (result?.messages ?? [])
    .map(({ ruleId, fatal, message }) => (fatal ? message : ruleId))
    .filter(
      (found) =>
        [BOUNDARIES, ENVIRONMENT, CYCLES, WINGS].includes(found ?? '') || !found?.includes('/'),
    );
  const holds = rule === undefined ? broken.length === 0 : broken.includes(rule);
  if (!holds) failed++;
  const found = broken.length === 0 ? 'nothing' : broken.join(', ');
  console.log(
    `${holds ? '✓' : '✗'} ${says}${holds ? '' : `: expected ${rule ?? 'nothing'}, found ${found}`}`,
  );
}
console.log(`${CASES.length - failed} of ${CASES.length} rules hold`);
process.exit(failed === 0 ? 0 : 1);
