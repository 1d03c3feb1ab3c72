/** What our processes run with: peers log or check more where nobody says that this is production. */
export const childEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_ENV: 'production',
});
