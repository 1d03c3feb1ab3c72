import { LoadGenerator, rotated } from '@latchkey/load-generator';
import { architectureOf } from '../architectures/architecture.js';
import { startSharedParts, type SharedParts } from '../architectures/shared-parts.js';
import { makeUsers, requestsOf, type User } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { stopSecondAuth, stopStackServices } from '../server-core.js';
import type { ControlGroups } from './control-groups/control-groups.js';
import { openControlGroups } from './control-groups/open-control-groups.js';
import { startReplicas, stopHeldReplicas, warmAndHold } from './held-replicas.js';
import type { ScaleReport } from './scale-report.js';
import { measurePoint, type ScaleSample } from './scale-samples.js';
import { FULL, QUICK, type ScaleSize } from './scale-size.js';
import { summarizeScale, complaintsOf } from './scale-summary.js';
import { printScale, printSize } from './scale-table.js';
import { pinParts, shareParts } from './shared-shares.js';
import { inPairs } from './spread-requests.js';

const USERS = 2;

/** Measures throughput by replicas; each replica, and the shared part, is held to a small part of a core. */
export async function scale(laboratory: Laboratory): Promise<Finding<ScaleReport>> {
  const { processes, options, print } = laboratory;
  const groups = openControlGroups(); // before anything is started: without them there is nothing to measure
  try {
    const parts = await startSharedParts(laboratory);
    const size = availableSize(parts, options.quick ? QUICK : FULL);
    const users = await makeUsers(parts, USERS, laboratory.onProgress);
    await stopStackServices(parts);
    await stopSecondAuth(parts);
    pinParts(parts);
    const load = new LoadGenerator(processes);
    printSize(size, groups.name, print);
    const samples = await measurePasses({ laboratory, parts, size, users, groups, load });
    load.stop();
    const report = summarizeScale(size, groups.name, samples);
    printScale(report, print);
    const complaints = complaintsOf(report);
    const { versions } = parts;
    return { held: complaints.length === 0, complaints, report, versions };
  } finally {
    groups.close();
  }
}

function availableSize(parts: SharedParts, size: ScaleSize): ScaleSize {
  return { ...size, architectures: size.architectures.filter(parts.available) };
}

interface Passes {
  readonly laboratory: Laboratory;
  readonly parts: SharedParts;
  readonly size: ScaleSize;
  readonly users: readonly User[];
  readonly groups: ControlGroups;
  readonly load: LoadGenerator;
}

/** Measures all architectures in turn, then in reverse order, so that drift over time affects all of them alike. */
async function measurePasses(passes: Passes): Promise<ScaleSample[]> {
  const { parts, size, groups } = passes;
  const shares = shareParts(parts, groups);
  const samples: ScaleSample[] = [];
  let forwards = true;
  for (let first = 1; first <= size.passes; first += size.passesPerStart) {
    for (const architecture of inOrder(size.architectures, forwards)) {
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
  /** The number of this turn's first pass. */
  readonly first: number;
}

async function measureArchitecture(
  { laboratory, parts, size, users, groups, load }: Passes,
  { architecture, shared, first }: Turn,
): Promise<ScaleSample[]> {
  const { share, settleSeconds, secondsPerPoint: seconds, warmUp, warmUpAgain } = size;
  const replicas = Math.max(...size.replicas);
  const requests = inPairs(requestsOf(architecture, users));
  const common = { architecture, load, requests, share };
  const options = { ...common, laboratory, parts, groups, replicas };
  const held = await startReplicas(options);
  const samples: ScaleSample[] = [];
  for (let pass = first; pass < first + size.passesPerStart; pass++) {
    shared?.lift();
    await warmAndHold(options, held, pass === first ? warmUp : warmUpAgain);
    shared?.limitTo(share);
    const measured: ScaleSample[] = [];
    for (const count of size.replicas.toReversed()) {
      laboratory.interrupted.throwIfAborted();
      laboratory.onProgress(
        `pass ${pass} of ${size.passes}, ${architecture}: ${count} of ${replicas} replicas`,
      );
      // Rotates the replicas, so that one with a garbage collection does not affect all passes.
      const taking = rotated(held, pass).slice(0, count);
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

/** Printed immediately, because a run takes long and may be interrupted. */
const rawFigures = (samples: readonly ScaleSample[]) =>
  samples
    .map(({ replicas, perSecond, failures }) => {
      const failed = failures === 0 ? '' : ` (${failures} failed)`;
      return `${replicas} do ${perSecond.toFixed(1)}/s${failed}`;
    })
    .join(', ');
