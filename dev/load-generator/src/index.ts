export {
  AnsweringProcess,
  answerQuestions,
  type AnsweringProcessOptions,
} from './answering-process.js';
export {
  LoadGenerator,
  type ClosedLoop,
  type ClosedLoopResult,
  type LoadRequest,
  type OpenLoop,
  type OpenLoopResult,
} from './load.js';
export { moment } from './moment.js';
export { canPin, LOAD_CORE, pin, pinned, pinningNote, SERVER_CORE } from './pinning.js';
export { descendantsOf, processorMicroseconds } from './processor-time.js';
export { rotated } from './rotated.js';
export { median, summarise, type Summary } from './summary.js';
