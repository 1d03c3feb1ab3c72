import type { Finding, Laboratory } from '../experiment.js';

export function faults(_laboratory: Laboratory): Promise<Finding> {
  return Promise.reject(new Error('not built yet'));
}
