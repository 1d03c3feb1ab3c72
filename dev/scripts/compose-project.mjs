import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from './checkout.mjs';
import { missingSecrets } from './compose-secrets.mjs';
import { runCommand } from './run-command.mjs';
import { LISTED_SERVICES } from './services/listed-services.mjs';
import { SetupError } from './setup-error.mjs';

/** @type {Map<string, number>} */
const PUBLISHED = new Map([
  ['auth', 4000],
  ...Object.entries(LISTED_SERVICES).map(([name, { port }]) => [name, port]),
]);
/** All services that the proxy publishes. */
export const PUBLISHED_SERVICES = [...PUBLISHED.keys()];
/** Publishes on free ports, so that the project can run next to a stack that uses the usual ones. */
const OVERRIDE = `services:
  proxy:
    ports: !override
${[...PUBLISHED.values()].map((port) => `      - 127.0.0.1::${port}`).join('\n')}
`;

/**
 * @returns {string | undefined} the reason why containers cannot be tried on this machine
 */
export function missingEngine() {
  const engine = docker(['version', '--format', '{{.Server.Version}}']);
  if (engine.error) return 'the command "docker" is not installed';
  if (engine.status !== 0)
    return `the container engine does not respond (${lastLine(engine.stderr)})`;
  if (docker(['compose', 'version']).status !== 0) return 'docker has no "compose" command';
  return undefined;
}

const HEALTHY_WITHIN_MILLISECONDS = 60_000;

/** @param {string} container */
const healthOf = (container) =>
  docker(['inspect', '--format', '{{.State.Health.Status}}', container]).stdout.trim();

/** @param {string[]} args */
const docker = (args) => spawnSync('docker', args, { encoding: 'utf8', timeout: 20_000 });

/** @param {string} text */
const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';

/** Runs docker-compose.yml as a separate project, with its own secrets, ports and volumes. */
export class ComposeProject {
  #directory = mkdtempSync(join(tmpdir(), 'latchkey-containers-'));
  #interrupt = new AbortController();

  /** @param {string} name */
  constructor(name) {
    this.name = name;
    const secrets = `${missingSecrets('').join('\n')}\n`;
    writeFileSync(join(this.#directory, 'env'), secrets, { mode: 0o600 });
    writeFileSync(join(this.#directory, 'override.yml'), OVERRIDE);
  }

  /**
   * @param {string} title names the step in the progress line
   * @param {string[]} args the arguments of `docker compose`
   * @returns {Promise<{ output: string, seconds: number }>}
   */
  async compose(title, ...args) {
    const { signal } = this.#interrupt;
    const { code, output, seconds } = await this.#run(title, args, signal);
    signal.throwIfAborted();
    if (code !== 0) throw new SetupError(`docker compose ${args.join(' ')} failed:\n${output}`);
    return { output, seconds };
  }

  /** @param {string} service */
  async urlOf(service) {
    const { output } = await this.compose('ports', 'port', 'proxy', `${PUBLISHED.get(service)}`);
    return `http://${lastLine(output)}`;
  }

  /** @param {string} service */
  async containersOf(service) {
    const { output } = await this.compose('containers', 'ps', '--quiet', service);
    return output.split('\n').filter((line) => /^[0-9a-f]{12,}$/.test(line));
  }

  /**
   * Stops and starts one container, and waits until it is healthy again.
   *
   * @param {string} container
   */
  async restart(container) {
    const { signal } = this.#interrupt;
    const { code, output } = await runCommand('restart', 'docker', ['restart', container], {
      cwd: CHECKOUT,
      signal,
    });
    signal.throwIfAborted();
    if (code !== 0) throw new SetupError(`docker restart failed:\n${output}`);
    const end = performance.now() + HEALTHY_WITHIN_MILLISECONDS;
    while (healthOf(container) !== 'healthy') {
      if (performance.now() > end) {
        throw new SetupError(`${container} was restarted and did not become healthy in time`);
      }
      await delay(500, undefined, { signal });
    }
  }

  /**
   * Runs a command inside a container and returns what it prints.
   *
   * @param {string} container
   * @param {string[]} args
   * @param {string} input goes to its standard input, because every user can read a command line
   */
  async inside(container, args, input) {
    const child = spawn('docker', ['exec', '--interactive', container, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined); // the command ended before it had read everything
    child.stdin.end(input);
    return text(child.stdout);
  }

  /**
   * Saves what all containers have logged so far.
   *
   * @param {string} file
   */
  async saveLogs(file) {
    const { output } = await this.#run('logs', ['logs', '--no-color', '--timestamps']);
    writeFileSync(file, output, { mode: 0o600 });
  }

  get interrupted() {
    return this.#interrupt.signal.aborted;
  }

  /** Ends the running command, so that it creates nothing during or after `remove`. Later commands fail. */
  interrupt() {
    this.#interrupt.abort();
  }

  /**
   * Leaves the containers running, and deletes the files that only `docker compose up` needs.
   *
   * @returns the command that removes everything that the project created
   */
  keep() {
    rmSync(this.#directory, { recursive: true, force: true });
    return `docker compose -p ${this.name} down --volumes --rmi local`;
  }

  /** Removes everything that the project created: containers, networks, volumes and images. */
  async remove() {
    const { code, output } = await this.#run('down', [
      'down',
      '--volumes',
      '--rmi=local',
      '--timeout=20',
    ]);
    if (code !== 0) {
      console.error(`docker compose down failed. Remove ${this.name} yourself:\n${output}`);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * @param {string} title
   * @param {string[]} args
   * @param {AbortSignal} [signal]
   */
  #run(title, args, signal) {
    return runCommand(
      title,
      'docker',
      [
        'compose',
        '--progress=plain',
        `--project-name=${this.name}`,
        `--project-directory=${CHECKOUT}`,
        `--env-file=${join(this.#directory, 'env')}`,
        `--file=${join(CHECKOUT, 'docker-compose.yml')}`,
        `--file=${join(this.#directory, 'override.yml')}`,
        ...args,
      ],
      { cwd: CHECKOUT, signal },
    );
  }
}
