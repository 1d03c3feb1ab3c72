import ejs from 'ejs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHECKOUT } from '../checkout.mjs';
import { formatted, generatedFiles } from '../services/generated-files.mjs';
import { complaintAboutName, parseServices, SERVICES_FILE } from '../services/services.mjs';
import { SetupError } from '../setup-error.mjs';

/** @typedef {{ path: string, text: string }} File */
/** @typedef {{ name: string, port?: number, calledBy?: string, calls?: string }} NewService */
/** @typedef {{ name: string, caller: string, callee: string }} Names */

const TEMPLATE = join(import.meta.dirname, 'template');
const FIRST_PORT = 4010;
const DEPENDENCIES = [
  ...['@nestjs/common', '@nestjs/core', '@nestjs/platform-fastify', '@nestjs/swagger'],
  ...['@nestjs/typeorm', 'pg', 'reflect-metadata', 'rxjs', 'typeorm', 'zod'],
];

/**
 * Prepares every file that a new service adds or changes, and writes none.
 *
 * @param {NewService} wanted
 * @returns {Promise<File[]>} paths are relative to the checkout
 * @throws {SetupError} if the name or port cannot be used
 */
export async function filesOfNewService({ name, port, calledBy, calls }) {
  const file = JSON.parse(read(SERVICES_FILE));
  const complaint = complaintAboutName(name);
  if (complaint !== undefined) throw new SetupError(`The name '${name}' ${complaint}`);
  refuseExisting(file.services, name);
  const [first, second = first] = Object.keys(file.services);
  const caller = listed(file.services, '--called-by', calledBy ?? first);
  const callee = listed(file.services, '--calls', calls ?? second);
  const names = { name, caller, callee };
  add(file.services, names, port ?? freePort(file.services));
  const text = JSON.stringify(file);
  const services = parseServices(text, `${name} cannot be added`);
  // Only the files whose content changes.
  const generated = (await generatedFiles(services)).filter(
    (each) => !existsSync(join(CHECKOUT, each.path)) || read(each.path) !== each.text,
  );
  const called = services[callee];
  const own = await Promise.all(renderedTemplate(names, called).map((each) => formatted(each)));
  return [
    await formatted({ path: SERVICES_FILE, text }, { objectWrap: 'collapse' }),
    ...generated,
    compiledProjects(name),
    await formatted(documentedVariables(names)),
    ...own,
  ];
}

/** @param {string} path */
const read = (path) => readFileSync(join(CHECKOUT, path), 'utf8');

/**
 * @param {object} services
 * @param {string} name
 */
function refuseExisting(services, name) {
  if (Object.hasOwn(services, name)) throw new SetupError(`${name} is already in ${SERVICES_FILE}`);
  if (existsSync(join(CHECKOUT, 'apps', name))) throw new SetupError(`apps/${name} already exists`);
  const { packages } = JSON.parse(read('package-lock.json'));
  if (Object.hasOwn(packages, `node_modules/@latchkey/${name}`)) {
    throw new SetupError(`another project is already called @latchkey/${name}`);
  }
}

/**
 * @param {object} services
 * @param {string} option
 * @param {string | undefined} name
 */
function listed(services, option, name) {
  if (name !== undefined && Object.hasOwn(services, name)) return name;
  throw new SetupError(`${option}: ${name ?? 'no other service'} is not in ${SERVICES_FILE}`);
}

/**
 * @param {Record<string, { port: number, localReplicas?: number }>} services
 * @returns {number} the multiple of ten after the ports of all others
 */
function freePort(services) {
  const used = Object.values(services).map(
    ({ port, localReplicas = 1 }) => port + localReplicas - 1,
  );
  return Math.floor(Math.max(FIRST_PORT - 10, ...used) / 10) * 10 + 10;
}

/**
 * @param {Record<string, any>} services
 * @param {Names} names
 * @param {number} port
 */
function add(services, { name, caller, callee }, port) {
  services[name] = {
    port,
    sampleRoute: '/entries',
    scopes: { user: [`${name}:read`, `${name}:write`], admin: [`${name}:admin`] },
    callsForUsers: { [callee]: readingScopes(services[callee]) },
  };
  services[caller].callsForUsers = {
    ...services[caller].callsForUsers,
    [name]: [`${name}:write`],
  };
}

/**
 * Returns what a user needs in order to read at a service, by the convention of the names; otherwise all that users have.
 *
 * @param {{ scopes: { user?: string[] } }} service
 */
function readingScopes({ scopes: { user = [] } }) {
  const reading = user.filter((scope) => scope.endsWith(':read'));
  return reading.length > 0 ? reading : user;
}

/**
 * Renders the template of a service. Words in its paths are replaced: `__name__`, `__callee__` and `__timestamp__`.
 *
 * @param {Names} names
 * @param {{ port: number, sampleRoute: string, scopes: { user: string[] } }} called
 * @returns {File[]}
 */
function renderedTemplate({ name, caller, callee }, called) {
  const timestamp = String(Date.now());
  const ranges = JSON.parse(read('apps/auth/package.json')).dependencies;
  const dependencies = Object.fromEntries(DEPENDENCIES.map((each) => [each, ranges[each]]));
  const values = {
    ...{ name, Name: capitalized(name), caller, timestamp, dependencies },
    ...{ callee, Callee: capitalized(callee), CALLEE: callee.toUpperCase() },
    calleePort: called.port,
    calleeRoute: called.sampleRoute,
    calleeScopes: readingScopes(called),
  };
  return readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ejs'))
    .sort()
    .map((path) => ({
      path: `apps/${name}/${path.slice(0, -'.ejs'.length)}`
        .replaceAll('__name__', name)
        .replaceAll('__callee__', callee)
        .replace('__timestamp__', timestamp),
      text: ejs.render(readFileSync(join(TEMPLATE, path), 'utf8'), values, { escape: String }),
    }));
}

/** @param {string} word */
const capitalized = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Adds the service's own variables to the table of docs/configuration.md, before those of auth.
 *
 * @param {Names} names
 * @returns {File}
 */
function documentedVariables({ name, callee }) {
  const path = 'docs/configuration.md';
  const rows = [
    `| **${name}** | | |`,
    `| \`CLIENT_ID\`, \`CLIENT_SECRET\` | required | the service's own client credentials, or \`CLIENT_PRIVATE_KEY\`: to get tokens for ${callee}, for introspection (\`ask\`), and to download the snapshot |`,
    `| \`${callee.toUpperCase()}_URL\` | required | the service that ${name} calls |`,
  ];
  const auth = '| **auth** ';
  return { path, text: read(path).replace(auth, `${rows.join('\n')}\n${auth}`) };
}

/**
 * Adds the project to those that `tsc -b` compiles.
 *
 * @param {string} name
 * @returns {File}
 */
function compiledProjects(name) {
  const path = 'tsconfig.json';
  const { references, ...others } = JSON.parse(read(path));
  const added = [...references, { path: `./apps/${name}/tsconfig.build.json` }];
  added.sort((a, b) => (dirname(a.path) < dirname(b.path) ? -1 : 1));
  return { path, text: `${JSON.stringify({ ...others, references: added }, null, 2)}\n` };
}
