#!/usr/bin/env node
/** `npm run lab -- <experiment>`: set up, then run it in this same process, so that signals reach it. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { jsonFile } from './json-file.mjs';
import { readOptions } from './read-options.mjs';
import { setUp } from './setup.mjs';

const EXPERIMENTS = [
  'compare',
  'scale',
  'revoke',
  'outage',
  'fanout',
  'faults',
  'durability',
  'start',
];
const MOST_VERIFIERS = 2_000;
const MOST_MINUTES = 24 * 60;
const MOST_SEED = 2 ** 32 - 1;

const HELP = `Usage: npm run lab -- EXPERIMENT [options]
       npm run lab -- report [--out DIR]

Experiments with real Postgres, NATS and services, on the loopback interface. Each one stops by
itself and leaves nothing running; the status is 1 when a promise was broken, 2 when an experiment is
not possible on this machine.

  compare     the same routes of one service under every architecture: no protection, JWTs, session
              cookies, introspection; requests/s, latency, and work per request in what is shared
  scale       throughput against replicas (1 to 16), each and the store that they share held to 3 % of
              a core, for tokens, session cookies and introspection; what holds them up
              (needs root, a delegated scope, or Docker to hold them; 25 to 40 minutes)
  revoke      how soon 1, 10 and 100 clients are refused after a log-out, under each architecture:
              verified tokens, session cookies, introspection, and a verifier that knows no log-out
  outage      who goes on, who answers 503 and who is back how soon while Redis, the sessions'
              Postgres, auth and NATS are killed (-9) for ten seconds each, under a steady load
  fanout      how soon every one of many verifiers refuses a token after its log-out, beside a bare
              fan-out of the same messages over the same NATS server
  faults      users log in, refresh, call and log out while everything is cut, killed, frozen and
              lied to by a schedule that its seed decides; a history checker judges what they saw
  durability  NATS, Postgres and auth are killed (-9) under a load of log-outs, again and again;
              afterwards no log-out that was answered may be missing
  start       how long a verifier takes to be ready, and how much memory, with a million live
              revocations

  report      joins the latest runs of compare, scale, revoke and outage, which each keep their
              figures and a page, into one page: lab-reports/index.html. A full run is preferred
              to a later quick one

Options:
  --verifiers N  fanout: so many verifiers, with a connection each (default 1000, at most ${MOST_VERIFIERS})
  --minutes N    faults: how long (default 5)
  --seed S       faults: the schedule to play (default: another one each time; it is printed)
  --quick        less than a minute: shows that it works, too little to quote
  --json FILE    also write everything that was found to FILE
  --out DIR      compare, scale, revoke, outage, report: where runs and pages are kept
                 (default: lab-reports in the checkout; made when it is not there)
  --help         show this
`;

/** Not an experiment: makes one page of the runs that were kept, and needs no server. */
const REPORT = 'report';
const [experiment, ...rest] = process.argv.slice(2);
const known = experiment !== undefined && [...EXPERIMENTS, REPORT].includes(experiment);
if (known) process.argv.splice(2, process.argv.length, ...rest);
const options = readOptions(
  HELP,
  {
    verifiers: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    out: { type: 'string' },
  },
  complaint,
);
const json = jsonFile(options.json);
const stopEnding = await setUp();
const lab = pathToFileURL(join(CHECKOUT, 'dev', 'lab', 'dist', 'main.js'));
const { joinReports, runLab } = await import(lab.href);
stopEnding();
const number = (/** @type {string | undefined} */ text) =>
  text === undefined ? undefined : Number(text);
const { quick, verifiers, minutes, seed } = options;
// npm runs its scripts in the checkout, whatever the directory was that the user typed this in.
const out = options.out ? resolve(process.env.INIT_CWD ?? process.cwd(), options.out) : undefined;
if (experiment === REPORT) process.exit(joinReports({ checkout: CHECKOUT, out }));
process.exit(
  await runLab(experiment, {
    checkout: CHECKOUT,
    quick,
    verifiers: number(verifiers),
    minutes: number(minutes),
    seed: number(seed),
    json,
    out,
  }),
);

/** @param {{ verifiers?: string, minutes?: string, seed?: string }} values */
function complaint({ verifiers, minutes, seed }) {
  if (!known) return experiment ? `Unknown experiment '${experiment}'` : 'Name an experiment';
  return (
    notANumber('--verifiers', verifiers, { from: 1, to: MOST_VERIFIERS, whole: true }) ??
    notANumber('--minutes', minutes, { from: 0.1, to: MOST_MINUTES, whole: false }) ??
    notANumber('--seed', seed, { from: 0, to: MOST_SEED, whole: true })
  );
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {{ from: number, to: number, whole: boolean }} range
 */
function notANumber(option, text, { from, to, whole }) {
  if (text === undefined) return undefined;
  const value = Number(text);
  const good = /^\d+(\.\d+)?$/.test(text) && (!whole || Number.isInteger(value));
  if (good && value >= from && value <= to) return undefined;
  return `${option}: '${text}' is not ${whole ? 'a whole number' : 'a number'} from ${from} to ${to}`;
}
