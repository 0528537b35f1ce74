// A phone's own side, as far as packages ask for it: everything of React Native that is not JavaScript, by the names of the package.
import { phone } from './phone';

const native = {
  getConstants: () => ({ DEVICE_INFO: { systemName: 'Android', systemVersion: '15', bundleId: 'com.example.app', deviceId: 'device', timezone: 'UTC' } }),
  getData: async (key: string) => phone.sealed.get(key) ?? null,
  setData: async (key: string, value: string) => (phone.sealed.set(key, value), true),
  clearData: async (key: string) => phone.sealed.delete(key),
  didMigrate: async () => true,
  migrate: async () => true,
  generateCodeChallenge: async () => phone.pkce(),
  getUserAgent: async () => ({ userAgent: 'phone' }),
  consoleLog: () => undefined,
  resetSecureStorageOnFreshInstall: () => undefined,
  disableUrlCache: () => undefined,
  configureDfp: () => undefined,
  migrateKeychainItems: () => undefined,
};
export const NativeModules = { StytchReactNativeModule: native, RNInAppBrowser: null };
export const TurboModuleRegistry = { get: () => native, getEnforcing: () => native };
export const NativeEventEmitter = class {
  addListener = () => ({ remove: () => undefined });
};
export const Platform = { OS: 'android', Version: 35, select: (of: Record<string, unknown>) => of['android'] ?? of['default'] };
export const Linking = { openURL: async (url: string) => void phone.links.push(url), getInitialURL: async () => null };
export const AppState = {
  get currentState() {
    return phone.front ? 'active' : 'background';
  },
  addEventListener: (_: string, listener: (state: string) => void) => {
    phone.watchers.add(listener);
    return { remove: () => phone.watchers.delete(listener) };
  },
};
export const [View, Text, TouchableOpacity] = ['View', 'Text', 'TouchableOpacity'];
