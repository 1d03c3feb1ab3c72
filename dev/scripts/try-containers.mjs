#!/usr/bin/env node
/** `node dev/scripts/try-containers.mjs` tries the Dockerfile and docker-compose.yml, from the build to a log-out. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { ComposeProject, missingEngine, PUBLISHED_SERVICES } from './compose-project.mjs';
import { ContainerTrial, TrialError } from './container-trial.mjs';
import { readOptions } from './read-options.mjs';
import { SetupError } from './setup-error.mjs';
import { EXIT_CODES } from './signals.mjs';

const MOST_REPLICAS = 10;
const HELP = `Usage: node dev/scripts/try-containers.mjs [options]

Builds the images and starts everything with docker compose, as a separate project on free ports. Registers,
logs in, places an order, restarts the replicas of orders under load, logs out, and checks that every replica
rejects the token. Then takes all of it down again, volumes and images included. Needs Docker 25 or newer
with Compose 2.24 or newer; without them, it prints the reason and does nothing.

Options:
  --replicas N  number of replicas of orders, 1 to ${MOST_REPLICAS} (default 4)
  --keep        leave it running
  --help        show this text

The exit status is 0 if every step held or there is no container engine, and 1 if a step did not hold.
`;

const { replicas: asked, keep } = readOptions(
  HELP,
  { replicas: { type: 'string', default: '4' }, keep: { type: 'boolean', default: false } },
  ({ replicas }) =>
    /^[1-9]\d?$/.test(replicas) && Number(replicas) <= MOST_REPLICAS
      ? undefined
      : `--replicas: '${replicas}' is not a whole number from 1 to ${MOST_REPLICAS}`,
);
const replicas = Number(asked);

const missing = missingEngine();
if (missing !== undefined) {
  console.log(`Skipped, and nothing was tried: ${missing}.`);
  process.exit(0);
}

const project = new ComposeProject(`latchkey-trial-${process.pid}`);
/** @type {number | undefined} */
let interruptedWith;
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.once(signal, () => {
    interruptedWith = code;
    project.interrupt();
  });
}
const held = await holds();
if (keep && !project.interrupted) {
  console.log(`The stack keeps running. To remove it: ${project.keep()}`);
} else await step('down', () => project.remove().then(() => 'the project is removed'));
process.exit(interruptedWith ?? (held ? 0 : 1));

async function holds() {
  try {
    await step('build', async () => {
      await project.compose('docker compose build', 'build');
      return `${PUBLISHED_SERVICES.length} images are built`;
    });
    await step('up', async () => {
      await project.compose('docker compose up', 'up', '--detach', '--wait', ...scale());
      return `everything is healthy, with ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} of orders`;
    });
    const trial = new ContainerTrial(project, await urls(), replicas);
    await step('log in', () => trial.logIn());
    await step('order', () => trial.order());
    await step('management', () => trial.management());
    await step('restart', () => trial.restarts());
    await step('log out', () => trial.logOut());
    return true;
  } catch (error) {
    if (project.interrupted) {
      console.error('Interrupted: the containers are being removed.');
      return false;
    }
    if (!(error instanceof SetupError || error instanceof TrialError)) console.error(error);
    else console.error(`✗ ${error.message}`);
    await keepLogs();
    return false;
  }
}

function scale() {
  return ['--scale', `orders=${replicas}`, '--wait-timeout', '180'];
}

async function urls() {
  /** @type {Record<string, string>} */
  const found = {};
  for (const service of PUBLISHED_SERVICES) found[service] = await project.urlOf(service);
  return found;
}

/**
 * @param {string} name
 * @param {() => Promise<string>} work
 */
async function step(name, work) {
  const start = performance.now();
  const what = await work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`✓ ${name.padEnd(10)} ${seconds.padStart(6)} s   ${what}`);
}

async function keepLogs() {
  const folder = join(CHECKOUT, '.latchkey');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${project.name}.log`);
  await project.saveLogs(file);
  console.error(`The logs of the containers are in ${file}.`);
}
