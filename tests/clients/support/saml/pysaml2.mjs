// A customer with PyPI's `pysaml2`, which is behind several university federations and proxies: signatures and
// encryption by xmlsec1, an XML declaration and `ns0:` prefixes, plain attribute names.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { foreign } from './foreign.mjs';
import { PASSWORD, format, loginPage, people } from './people.mjs';

const clients = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('pysaml2_idp.py', import.meta.url));

function choose(home, { bindings = ['redirect', 'post'], signedRequests = false, validHours = null } = {}) {
  writeFileSync(path.join(home, 'idp.json'), JSON.stringify({ bindings, signed_requests: signedRequests, valid_hours: validHours }));
}

export async function pysaml2Provider() {
  const python = process.env.VESTIBULE_TEST_PYTHON ?? path.join(clients, '.venv/bin/python');
  if (!existsSync(python)) throw new Error(`there is no ${python}: scripts/test makes it out of requirements.txt`);
  const product = await foreign('pysaml2', {
    command: ({ port }) => [python, program, String(port)],
    ready: '/metadata',
    prepare(home) {
      const known = Object.entries(people).map(([login, person]) => [login, { ...person, password: PASSWORD }]);
      writeFileSync(path.join(home, 'people.json'), JSON.stringify(Object.fromEntries(known)));
      choose(home);
      writeFileSync(path.join(home, 'login.html'), loginPage('pysaml2', '/login?ticket=TICKET'));
    },
  });
  const { origin, home } = product;

  /** Makes it know one service provider, by its metadata, and how to answer it. */
  function trust(sp, { sign = 'assertion', encrypt = null, nameId = format.persistent, ...rest } = {}) {
    writeFileSync(path.join(home, 'sp.xml'), sp.metadata);
    const settings = { sign, encrypt, name_id: nameId, sp_entity_id: sp.entityId };
    writeFileSync(path.join(home, 'sp.json'), JSON.stringify({ ...settings, ...rest }));
  }

  return {
    name: 'pysaml2',
    entityId: `${origin}/metadata`,
    certificate: product.certificate,
    metadataUrl: `${origin}/metadata`,
    ssoUrl: `${origin}/sso`,
    mapping: { email: 'urn:mace:dir:attribute-def:email', first_name: 'first', last_name: 'last', groups: 'groups' },
    trust,
    /** Which requests it takes, and how long its metadata is good: `{ bindings: ['redirect', 'post'], signedRequests, validHours }`. */
    publish: (chosen) => choose(home, chosen),
    /** Where somebody starts at the provider. */
    initiate: (relayState) => `${origin}/initiate${relayState ? `?RelayState=${encodeURIComponent(relayState)}` : ''}`,
    output: product.output,
    stop: product.stop,
  };
}
