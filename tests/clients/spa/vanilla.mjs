// A page of a single-page application with `@auth0/auth0-spa-js`: it has the client for whoever drives it.
import { Auth0Client } from '@auth0/auth0-spa-js';

const { domain, clientId } = JSON.parse(document.querySelector('meta[name=settings]').content);

/** A client; `more` are further options, of which those of the request are put beside the address. */
window.client = ({ authorizationParams, ...more } = {}) =>
  new Auth0Client({ domain, clientId, ...more, authorizationParams: { redirect_uri: location.origin, ...authorizationParams } });

/** What a promise came to, as a page can tell it to whoever drives it. */
window.outcome = (promise) => promise.then((value) => ({ value }), (error) => ({ error: error.error ?? error.name, message: error.message }));
document.body.dataset.ready = 'yes';
