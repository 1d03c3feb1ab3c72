/**
 * The commit of the release that the next one must run beside, while replicas are replaced one by one. It
 * moves when a release is made: to the commit that was released.
 */
export const PREVIOUS_RELEASE = 'bc32607011ce08dad641f2348d5b868342ade78b';
