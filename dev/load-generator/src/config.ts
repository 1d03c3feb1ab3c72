/** The environment of measured processes. Outside production some libraries log or check more. */
export const childEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_ENV: 'production',
});
