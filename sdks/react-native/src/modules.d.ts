// The peers, as much of them as is used. They are not installed here: an application has its own.
declare module 'react-native' {
  export const Linking: { openURL(url: string): Promise<unknown> };
  export const AppState: {
    readonly currentState: string;
    addEventListener(type: 'change', listener: () => void): { remove(): void };
  };
}
declare module 'expo-web-browser' {
  export function openAuthSessionAsync(url: string, redirectUrl?: string): Promise<{ type: string; url?: string }>;
}
declare module 'expo-secure-store' {
  export function getItemAsync(key: string): Promise<string | null>;
  export function setItemAsync(key: string, value: string): Promise<void>;
  export function deleteItemAsync(key: string): Promise<void>;
}
declare module 'expo-crypto' {
  export function getRandomBytes(count: number): Uint8Array;
}
