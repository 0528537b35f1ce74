// The client alone, without a framework.
import { createStytchB2BClient } from '@stytch/vanilla-js/b2b/headless';

const settings = JSON.parse(document.querySelector('meta[name=settings]').content);
Object.assign(window, {
  client: createStytchB2BClient(settings.publicToken, settings.options?.customBaseUrl ? settings.options : { endpoints: { testAPIURL: settings.baseUrl, liveAPIURL: settings.baseUrl }, ...settings.options }),
});
