// Not marked for the client itself: what is, is marked where it stands, so that a page on a server may draw the provider.
export * from '@vestibule/react';
// In the place of the one that takes a client: a client cannot be handed from a page on a server to one in a browser.
export { VestibuleProvider, type VestibuleProviderProps } from './provider.js';
