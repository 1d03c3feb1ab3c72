import { defineExperiment } from '../experiment.js';
import { tokensSchema } from '../tokens/tokens-report.js';
import { tokens } from '../tokens/tokens.js';

/**
 * Compares how services act for a user when they call each other (the user's token relayed, token
 * exchange, transaction tokens): exchanges and bytes per order, latency, and what a stolen token
 * can do. Takes up to 25 minutes.
 */
export default defineExperiment({ schema: tokensSchema, run: tokens });
