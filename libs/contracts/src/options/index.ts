export * from './callback.js';
export * from './option.js';
