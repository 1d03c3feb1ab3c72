export * from './callback.js';
export * from './conflict.js';
export * from './option.js';
