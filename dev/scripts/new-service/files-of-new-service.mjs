import ejs from 'ejs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.mjs';
import { formatted, generatedFiles } from '../services/generated-files.mjs';
import { complaintAboutName, parseServices, SERVICES_FILE } from '../services/services.mjs';
import { SetupError } from '../setup-error.mjs';

/** @typedef {{ path: string, text: string }} File */
/** @typedef {{ name: string, port: number | undefined, calledBy: string | undefined }} NewService */

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
export async function filesOfNewService({ name, port, calledBy }) {
  const file = JSON.parse(read(SERVICES_FILE));
  const caller = calledBy ?? Object.keys(file.services)[0];
  const complaint = complaintAboutName(name);
  if (complaint !== undefined) throw new SetupError(`The name '${name}' ${complaint}`);
  refuseExisting(file.services, name);
  if (caller === undefined || !Object.hasOwn(file.services, caller)) {
    throw new SetupError(`--called-by: ${caller ?? 'no service'} is not in ${SERVICES_FILE}`);
  }
  add(file.services, name, port ?? freePort(file.services), caller);
  const text = JSON.stringify(file);
  const services = parseServices(text, `${name} cannot be added`);
  // Only the files whose content changes.
  const generated = (await generatedFiles(services)).filter(
    (each) => !existsSync(join(CHECKOUT, each.path)) || read(each.path) !== each.text,
  );
  const own = await Promise.all(renderedTemplate({ name, caller }).map((each) => formatted(each)));
  return [
    await formatted({ path: SERVICES_FILE, text }, { objectWrap: 'collapse' }),
    ...generated,
    compiledProjects(name),
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
 * @param {string} name
 * @param {number} port
 * @param {string} caller
 */
function add(services, name, port, caller) {
  services[name] = {
    port,
    sampleRoute: '/entries',
    scopes: { user: [`${name}:read`, `${name}:write`], admin: [`${name}:admin`] },
  };
  services[caller].callsForUsers = {
    ...services[caller].callsForUsers,
    [name]: [`${name}:write`],
  };
}

/**
 * Renders the template of a service. `__name__` and `__timestamp__` in its paths are replaced.
 *
 * @param {{ name: string, caller: string }} names
 * @returns {File[]}
 */
function renderedTemplate({ name, caller }) {
  const timestamp = String(Date.now());
  const ranges = JSON.parse(read('apps/auth/package.json')).dependencies;
  const dependencies = Object.fromEntries(DEPENDENCIES.map((each) => [each, ranges[each]]));
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const values = { name, Name, caller, timestamp, dependencies };
  return readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ejs'))
    .sort()
    .map((path) => ({
      path: `apps/${name}/${path.slice(0, -'.ejs'.length)}`
        .replace('__name__', name)
        .replace('__timestamp__', timestamp),
      text: ejs.render(readFileSync(join(TEMPLATE, path), 'utf8'), values, { escape: String }),
    }));
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
  added.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { path, text: `${JSON.stringify({ ...others, references: added }, null, 2)}\n` };
}
