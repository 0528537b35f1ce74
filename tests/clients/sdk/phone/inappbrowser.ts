import { phone } from './phone';

export const InAppBrowser = { isAvailable: async () => true, openAuth: (url: string) => phone.browse(url), closeAuth: () => undefined };
