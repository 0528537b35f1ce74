export * from './hooks.js';
export * from '@vestibule/js/b2b';
export { createStytchB2BClient as createStytchB2BUIClient } from '@vestibule/js/b2b';
