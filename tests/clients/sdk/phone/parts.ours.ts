import { bare } from '@vestibule/react-native/bare';
import { expo } from '@vestibule/react-native/expo';
import { getItemAsync, setItemAsync, deleteItemAsync } from './expo';

/** Without Expo there is a keychain, and no browser over the application. */
const keychain = {
  getGenericPassword: async ({ service }: { service: string }) => {
    const password = await getItemAsync(service);
    return password === null ? (false as const) : { password };
  },
  setGenericPassword: async (_: string, password: string, { service }: { service: string }) => setItemAsync(service, password),
  resetGenericPassword: async ({ service }: { service: string }) => deleteItemAsync(service),
};
export const parts = (without: boolean) => (without ? bare({ Keychain: keychain }) : expo());
