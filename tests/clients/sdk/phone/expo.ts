import { phone } from './phone';

export const openAuthSessionAsync = (url: string) => phone.browse(url);
export const getItemAsync = async (key: string) => phone.sealed.get(key) ?? null;
export const setItemAsync = async (key: string, value: string) => void phone.sealed.set(key, value);
export const deleteItemAsync = async (key: string) => void phone.sealed.delete(key);
export const getRandomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
