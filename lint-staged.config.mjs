/** The boundaries rule needs Nx's project graph in its cache, and is skipped in silence without it. */
export default {
  '*.{ts,tsx,mjs}': [() => 'nx show projects', 'eslint --fix --max-warnings 0'],
  '*': 'prettier --write --ignore-unknown',
};
