/**
 * The commit of the previous release, which the next one runs next to during a rolling update.
 * Each release changes it to the released commit.
 */
export const PREVIOUS_RELEASE = 'bc32607011ce08dad641f2348d5b868342ade78b';
