import { StytchSDKError } from '@vestibule/core';
import { Linking } from 'react-native';
import { front } from './front.js';
import type { NativeParts } from './parts.js';

/** Libraries of the application's, each of which may be absent. */
export interface BareParts {
  /** `react-native-inappbrowser-reborn`, or one like it. Without it the system's browser opens, and comes back as a link. */
  InAppBrowser?: { isAvailable(): Promise<boolean>; openAuth(url: string, returnsTo: string): Promise<{ type: string; url?: string }> };
  /** `react-native-keychain`. Without it a sign-in ends with the application. */
  Keychain?: {
    getGenericPassword(options: { service: string }): Promise<false | { password: string }>;
    setGenericPassword(user: string, password: string, options: { service: string }): Promise<unknown>;
    resetGenericPassword(options: { service: string }): Promise<unknown>;
  };
}

const nowhere: NativeParts['storage'] = { get: async () => null, set: async () => undefined, remove: async () => undefined };

const keychain = (chain: NonNullable<BareParts['Keychain']>): NativeParts['storage'] => ({
  get: async (service) => (await chain.getGenericPassword({ service }) || null)?.password ?? null,
  set: (service, value) => chain.setGenericPassword('vestibule', value, { service }),
  remove: (service) => chain.resetGenericPassword({ service }),
});

/** React Native without Expo. */
export const bare = ({ InAppBrowser, Keychain }: BareParts = {}): NativeParts => ({
  async authenticate(url, returnsTo) {
    if (!InAppBrowser || !(await InAppBrowser.isAvailable())) return void (await Linking.openURL(url));
    const { type, url: back } = await InAppBrowser.openAuth(url, returnsTo ?? '');
    return type === 'success' ? back : null;
  },
  storage: Keychain ? keychain(Keychain) : nowhere,
  random(bytes) {
    const generator = (globalThis as { crypto?: { getRandomValues?(array: Uint8Array): Uint8Array } }).crypto;
    if (!generator?.getRandomValues) throw new StytchSDKError('usage', 'no random generator: import react-native-get-random-values first');
    return generator.getRandomValues(new Uint8Array(bytes));
  },
  front,
});
