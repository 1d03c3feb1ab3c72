#!/usr/bin/env node
/** Writes `.env` for docker-compose.yml, readable by its owner only. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingSecrets } from './compose-secrets.mjs';
import { readOptions } from './read-options.mjs';

const HELP = `Usage: node dev/scripts/compose-env.mjs

Writes .env for docker-compose.yml, with a fresh secret for each variable. Keeps the variables of an
existing .env, because the volumes were created with its passwords, and adds those that it lacks. Does not
write a new .env if volumes that were created with an older one exist.

Options:
  --help        show this text
`;

readOptions(HELP, {});
const file = fileURLToPath(new URL('../../.env', import.meta.url));
const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
const added = missingSecrets(before);
if (before === '') refuseIfVolumesExist();
if (added.length === 0) {
  console.error(
    '.env is complete, and was left as it is: the volumes were created with its passwords.',
  );
  console.error('To start over: docker compose down --volumes, delete .env, and run this again.');
  process.exit(1);
}
const separator = before === '' || before.endsWith('\n') ? '' : '\n';
appendFileSync(file, `${separator}${added.join('\n')}\n`, { mode: 0o600 });
chmodSync(file, 0o600);
if (before === '') {
  console.log(
    'Wrote .env. The first admin is "admin"; the password is INITIAL_ADMIN_PASSWORD there.',
  );
} else {
  const names = added.map((line) => line.split('=')[0]).join(', ');
  console.log(`Added the variables that .env lacked: ${names}. The others are unchanged.`);
}
console.log('Next: docker compose up --build');

/** Postgres keeps the passwords that its volume was created with, and auth encrypted its keys with the old key. */
function refuseIfVolumesExist() {
  const volumes = volumesOf(projectName());
  if (volumes.length === 0) return;
  console.error(
    [
      `There is no .env, but these volumes are left from an earlier one: ${volumes.join(', ')}.`,
      'Postgres would refuse new passwords, and auth could not read its signing keys.',
      'Bring the old .env back. If it is lost, delete the data and run this again:',
      `  docker rm --force $(docker ps --all --quiet --filter label=com.docker.compose.project=${projectName()})`,
      `  docker volume rm ${volumes.join(' ')}`,
    ].join('\n'),
  );
  process.exit(1);
}

/** Derives the name of the project from the folder, as Compose does. */
function projectName() {
  const name = process.env.COMPOSE_PROJECT_NAME ?? basename(dirname(file));
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/**
 * Returns none if Docker is unavailable. A mismatch then shows only when the services start.
 *
 * @param {string} project
 */
function volumesOf(project) {
  const filter = `label=com.docker.compose.project=${project}`;
  const { status, stdout } = spawnSync('docker', ['volume', 'ls', '--quiet', '--filter', filter], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}
