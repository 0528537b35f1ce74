import { getRandomBytes } from 'expo-crypto';
import { deleteItemAsync, getItemAsync, setItemAsync } from 'expo-secure-store';
import { openAuthSessionAsync } from 'expo-web-browser';
import { front } from './front.js';
import type { NativeParts } from './parts.js';

/** The parts that Expo has; they work in Expo Go. */
export const expo = (): NativeParts => ({
  async authenticate(url, returnsTo) {
    const { type, url: back } = await openAuthSessionAsync(url, returnsTo);
    return type === 'success' ? back : null;
  },
  storage: { get: getItemAsync, set: setItemAsync, remove: deleteItemAsync },
  random: getRandomBytes,
  front,
});
