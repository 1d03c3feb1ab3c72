import { LoadGenerator, rotated } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { startSharedParts, type SharedParts } from '../architectures/shared-parts.js';
import { makeUsers, requestsOf, type User } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { stopSecondAuth, stopStackServices } from '../server-core.js';
import type { CpuLimits } from './cpu-limits.js';
import { openCpuLimits } from './open-cpu-limits.js';
import { startReplicas, stopHeldReplicas, warmAndHold } from './held-replicas.js';
import { measurePoint, type ScaleSample } from './scale-samples.js';
import { summariseScale, verdictOf } from './scale-summary.js';
import { printScale, printSetting } from './scale-table.js';
import { pinParts, shareParts } from './shared-shares.js';
import { inPairs } from './spread-requests.js';

export interface ScaleSetting {
  readonly architectures: readonly ArchitectureId[];
  /** In growing order. */
  readonly replicas: readonly number[];
  /** Over all numbers of replicas, downwards: so none rests before it is measured. */
  readonly passes: number;
  /** Made with the same processes: to start and to warm them takes longer than a pass. */
  readonly passesPerStart: number;
  /** Until the queues of a point are what they will be. */
  readonly settleSeconds: number;
  readonly secondsPerPoint: number;
  /** Requests to each replica after its start. */
  readonly warmUp: number;
  /** Requests to each replica before any further pass. */
  readonly warmUpAgain: number;
  /**
   * Part of a core for each replica and for the shared part: so small that all of them, the
   * services' Postgres and a load generator fit into two cores.
   */
  readonly share: number;
}

const FULL: ScaleSetting = {
  architectures: ['jwt', 'session-redis', 'session-postgres', 'introspection'],
  replicas: [1, 2, 4, 8, 16],
  passes: 4,
  passesPerStart: 2,
  settleSeconds: 2,
  secondsPerPoint: 6,
  warmUp: 8_000,
  warmUpAgain: 1_000,
  share: 0.03,
};
const QUICK: ScaleSetting = {
  ...FULL,
  architectures: ['jwt', 'session-redis'],
  replicas: [1, 2, 4],
  passes: 1,
  passesPerStart: 1,
  settleSeconds: 0.5,
  secondsPerPoint: 1.5,
  warmUp: 200,
  warmUpAgain: 0,
};
const USERS = 2;

/** Throughput against replicas, each and what they share held to the same small part of a core. */
export async function scale(laboratory: Laboratory): Promise<Finding> {
  const { processes, options, print } = laboratory;
  const limits = openCpuLimits(processes); // first of all: without them there is nothing to measure
  try {
    const parts = await startSharedParts({ ...laboratory, processes: limits.launcher });
    const setting = settingFor(parts, options.quick ? QUICK : FULL);
    const users = await makeUsers(parts, USERS, laboratory.onProgress);
    await stopStackServices(parts);
    await stopSecondAuth(parts);
    pinParts(parts, limits);
    const load = new LoadGenerator(processes);
    printSetting(setting, limits.name, print);
    const samples = await measurePasses({ laboratory, parts, setting, users, limits, load });
    load.stop();
    const report = summariseScale(setting, limits.name, samples);
    printScale(report, print);
    const complaints = verdictOf(report);
    const { versions } = parts;
    return { held: complaints.length === 0, complaints, report: { ...report }, versions };
  } finally {
    limits.close();
  }
}

function settingFor(parts: SharedParts, setting: ScaleSetting): ScaleSetting {
  return { ...setting, architectures: setting.architectures.filter(parts.available) };
}

interface Passes {
  readonly laboratory: Laboratory;
  readonly parts: SharedParts;
  readonly setting: ScaleSetting;
  readonly users: readonly User[];
  readonly limits: CpuLimits;
  readonly load: LoadGenerator;
}

/** All architectures in turn, then all of them backwards, so that what changes with time befalls all alike. */
async function measurePasses(passes: Passes): Promise<ScaleSample[]> {
  const { parts, setting, limits } = passes;
  const shares = shareParts(parts, limits);
  const samples: ScaleSample[] = [];
  let forwards = true;
  for (let first = 1; first <= setting.passes; first += setting.passesPerStart) {
    for (const architecture of inOrder(setting.architectures, forwards)) {
      const part = architectureOf(architecture).asksPerRequest;
      const shared = part && shares[part];
      samples.push(...(await measureArchitecture(passes, { architecture, shared, first })));
    }
    forwards = !forwards;
  }
  return samples;
}

const inOrder = <T>(items: readonly T[], forwards: boolean) =>
  forwards ? items : items.toReversed();

interface Turn extends Pick<Parameters<typeof measurePoint>[0], 'architecture' | 'shared'> {
  /** Of the passes of this turn: its number. */
  readonly first: number;
}

async function measureArchitecture(
  { laboratory, parts, setting, users, limits, load }: Passes,
  { architecture, shared, first }: Turn,
): Promise<ScaleSample[]> {
  const { share, settleSeconds, secondsPerPoint: seconds, warmUp, warmUpAgain } = setting;
  const replicas = Math.max(...setting.replicas);
  const requests = inPairs(requestsOf(architecture, users));
  const common = { architecture, load, requests, share };
  const options = { ...common, laboratory, parts, limits, replicas };
  const held = await startReplicas(options);
  const samples: ScaleSample[] = [];
  for (let pass = first; pass < first + setting.passesPerStart; pass++) {
    shared?.lift();
    await warmAndHold(options, held, pass === first ? warmUp : warmUpAgain);
    shared?.limitTo(share);
    const measured: ScaleSample[] = [];
    for (const size of setting.replicas.toReversed()) {
      laboratory.interrupted.throwIfAborted();
      laboratory.onProgress(
        `pass ${pass} of ${setting.passes}, ${architecture}: replicas ${size} of ${replicas}`,
      );
      // Others in each pass: one that is just collecting its garbage is not the one replica of all passes.
      const taking = rotated(held, pass).slice(0, size);
      measured.push(
        await measurePoint({ ...common, shared, replicas: taking, settleSeconds, seconds }),
      );
    }
    laboratory.print(`pass ${pass}, ${architecture}: ${rawFigures(measured)}`);
    samples.push(...measured);
  }
  shared?.lift();
  await stopHeldReplicas(held);
  return samples;
}

/** Told at once: a run takes long, and may be ended. */
const rawFigures = (samples: readonly ScaleSample[]) =>
  samples
    .map(({ replicas, perSecond, failures }) => {
      const failed = failures === 0 ? '' : ` (${failures} failed)`;
      return `${replicas} do ${perSecond.toFixed(1)}/s${failed}`;
    })
    .join(', ');
