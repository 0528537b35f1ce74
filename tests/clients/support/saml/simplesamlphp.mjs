// A customer with SimpleSAMLphp, as many universities have: `urn:oid:` attribute names, transient or persistent
// NameIDs, AES-CBC. PHP's built-in server runs it from a configuration of its own.
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { foreign } from './foreign.mjs';
import { PASSWORD, format, people } from './people.mjs';

const config = fileURLToPath(new URL('simplesamlphp', import.meta.url));
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** Where the product is; Debian's place unless `SIMPLESAMLPHP` says otherwise. */
const installed = () => process.env.SIMPLESAMLPHP ?? '/usr/share/simplesamlphp';

function choose(home, { bindings = ['redirect', 'post'], signedRequests = false } = {}) {
  writeFileSync(path.join(home, 'idp.json'), JSON.stringify({ bindings, signedRequests }));
}

export async function simplesamlphpProvider() {
  const www = path.join(installed(), 'www');
  if (!existsSync(www)) throw new Error(`there is no SimpleSAMLphp in ${installed()}: install it, or set SIMPLESAMLPHP`);
  const metadataPath = '/saml2/idp/metadata.php';
  const product = await foreign('simplesamlphp', {
    command: ({ port }) => ['php', '-d', 'session.gc_probability=0', '-S', `127.0.0.1:${port}`, '-t', www],
    environment: { SIMPLESAMLPHP_CONFIG_DIR: config, CUSTOMER_SALT: randomBytes(24).toString('hex') },
    ready: metadataPath,
    prepare(home) {
      const known = Object.entries(people).map(([login, person]) => [login, { ...person, password: PASSWORD }]);
      writeFileSync(path.join(home, 'people.json'), JSON.stringify(Object.fromEntries(known)));
      choose(home);
    },
  });
  const { origin, home } = product;

  /** Makes it know one service provider, by its metadata, and how to answer it. */
  function trust(sp, { sign = 'assertion', encrypt = false, nameId = format.transient, algorithm } = {}) {
    writeFileSync(path.join(home, 'sp.xml'), sp.metadata);
    writeFileSync(
      path.join(home, 'sp.json'),
      JSON.stringify({
        'saml20.sign.assertion': sign !== 'response',
        'saml20.sign.response': sign !== 'assertion',
        'assertion.encryption': encrypt,
        'signature.algorithm': algorithm ?? RSA_SHA256,
        NameIDFormat: nameId,
      }),
    );
    product.spEntityId = sp.entityId;
  }

  return {
    name: 'SimpleSAMLphp',
    entityId: `${origin}${metadataPath}`,
    certificate: product.certificate,
    metadataUrl: `${origin}${metadataPath}`,
    ssoUrl: `${origin}/saml2/idp/SSOService.php`,
    mapping: {
      email: 'urn:oid:0.9.2342.19200300.100.1.3',
      first_name: 'urn:oid:2.5.4.42',
      last_name: 'urn:oid:2.5.4.4',
      idp_user_id: 'urn:oid:0.9.2342.19200300.100.1.1',
      groups: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
    },
    trust,
    /** Which requests it takes: `{ bindings: ['redirect', 'post'], signedRequests }`. Its metadata says so. */
    publish: (chosen) => choose(home, chosen),
    /** Where somebody starts at the provider. */
    initiate(relayState) {
      const query = new URLSearchParams({ spentityid: product.spEntityId });
      if (relayState) query.set('RelayState', relayState);
      return `${origin}/saml2/idp/SSOService.php?${query}`;
    },
    output: product.output,
    stop: product.stop,
  };
}
