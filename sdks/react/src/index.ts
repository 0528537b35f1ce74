// Not marked for the client itself: a page on a server may import the client from here, and the hooks are marked where they are.
export * from './auth.js';
export * from '@vestibule/js';
