// The official Node client configures SAML connections, once on each store.
import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { format } from './support/saml/people.mjs';
import { pkcs1Key, selfSigned } from './support/saml/keys.mjs';
import { samlpProvider } from './support/saml/samlp.mjs';
import { serviceProvider } from './support/saml/sp.mjs';
import { engines, startServer } from './support/server.mjs';
import { officialClient, refused } from './support/suite.mjs';

const MAPPING = { email: 'NameID', first_name: 'given', last_name: 'family', groups: 'memberOf', plan: 'costCentre' };
const certificateOf = (entry) => new X509Certificate(entry.certificate);
const fingerprints = (entries) => entries.map((entry) => certificateOf(entry).fingerprint256);
const milliseconds = (text) => new Date(text).getTime();

for (const engine of engines()) {
  describe(`SAML connections with the official Node client on ${engine}`, { concurrency: 1 }, () => {
    let server, client, provider, organization_id, connection_id;
    const certificates = Array.from({ length: 6 }, (_, index) => selfSigned(`idp-${index}`, { days: 400 + index }).certificate);

    before(async () => {
      server = await startServer({ engine });
      client = officialClient(server);
      provider = await samlpProvider();
      const { organization } = await client.organizations.create({ organization_name: 'Acme', organization_slug: 'acme' });
      organization_id = organization.organization_id;
    });
    after(async () => {
      await provider?.stop();
      await server?.stop();
    });

    const saml = () => client.sso.saml;
    const update = async (changes) => {
      const { connection, status_code } = await saml().updateConnection({ organization_id, connection_id, ...changes });
      assert.equal(status_code, 200);
      return connection;
    };
    const refuses = (changes, type) => refused(saml().updateConnection({ organization_id, connection_id, ...changes }), 400, type);
    const current = async () => {
      const { saml_connections } = await client.sso.getConnections({ organization_id });
      return saml_connections.find((one) => one.connection_id === connection_id);
    };

    test('a connection starts with addresses, a signing certificate and nothing of the provider', async () => {
      const { connection, status_code, request_id } = await saml().createConnection({
        organization_id: 'acme',
        display_name: 'Acme ADFS',
        identity_provider: 'microsoft-entra',
      });
      ({ connection_id } = connection);
      assert.equal(status_code, 200);
      assert.match(request_id, /^request-id-test-/);
      assert.match(connection_id, /^saml-connection-test-[0-9a-f-]{36}$/);
      const address = `${server.baseUrl}/v1/b2b/sso/callback/${connection_id}`;
      const { signing_certificates, attribute_mapping, ...rest } = connection;
      assert.ok(attribute_mapping === null || typeof attribute_mapping === 'object');
      for (const [name, value] of Object.entries({
        organization_id,
        status: 'pending',
        display_name: 'Acme ADFS',
        identity_provider: 'microsoft-entra',
        idp_entity_id: '',
        idp_sso_url: '',
        acs_url: address,
        audience_uri: address,
        alternative_acs_url: '',
        alternative_audience_uri: '',
        nameid_format: format.email,
        verification_certificates: [],
        encryption_private_keys: [],
        saml_connection_implicit_role_assignments: [],
        saml_group_implicit_role_assignments: [],
        idp_initiated_auth_disabled: false,
        allow_gateway_callback: false,
      })) {
        assert.deepEqual(rest[name], value, name);
      }
      assert.equal(signing_certificates.length, 1);
      const certificate = certificateOf(signing_certificates[0]);
      assert.equal(certificate.publicKey.asymmetricKeyType, 'rsa');
      assert.ok(certificate.verify(certificate.publicKey), 'it is not self-signed');
      assert.ok(milliseconds(certificate.validTo) - milliseconds(certificate.validFrom) > 9 * 365 * 86_400_000);
      assert.equal(milliseconds(signing_certificates[0].expires_at), milliseconds(certificate.validTo));
    });

    test('names that nobody has are refused', async () => {
      await refused(saml().createConnection({ organization_id, identity_provider: 'no-such-product' }), 400, 'invalid_sso_idp');
      await refused(saml().createConnection({ organization_id: 'nobody' }), 404, 'organization_not_found');
      const { connection } = await saml().createConnection({ organization_id });
      assert.equal(connection.identity_provider, 'generic');
      await client.sso.deleteConnection({ organization_id, connection_id: connection.connection_id });
      const gone = { organization_id, connection_id: connection.connection_id, display_name: 'x' };
      await refused(saml().updateConnection(gone), 404, 'saml_connection_not_found');
    });

    test('it is active as soon as address, name, mapping and a certificate are known', async () => {
      assert.equal((await update({ idp_entity_id: 'https://idp.acme.test/metadata' })).status, 'pending');
      assert.equal((await update({ x509_certificate: certificates[0] })).status, 'pending');
      await update({ attribute_mapping: MAPPING });
      const connection = await update({ idp_sso_url: 'https://idp.acme.test/sso' });
      assert.equal(connection.status, 'active');
      assert.equal(connection.idp_entity_id, 'https://idp.acme.test/metadata');
      assert.deepEqual(connection.attribute_mapping, MAPPING);
      assert.equal(connection.display_name, 'Acme ADFS', 'what was not sent has changed');
      const { organization } = await client.organizations.get({ organization_id });
      assert.deepEqual(organization.sso_active_connections, [
        { connection_id, display_name: 'Acme ADFS', identity_provider: 'microsoft-entra' },
      ]);
    });

    test('every other field is kept', async () => {
      const changes = {
        display_name: 'Acme Ping',
        identity_provider: 'pingfederate',
        nameid_format: format.persistent,
        alternative_audience_uri: 'urn:amazon:cognito:sp:eu-west-1_old',
        alternative_acs_url: 'https://old.acme.test/saml/acs',
        idp_initiated_auth_disabled: true,
        allow_gateway_callback: true,
        saml_connection_implicit_role_assignments: [{ role_id: 'stytch_member' }],
        saml_group_implicit_role_assignments: [{ role_id: 'stytch_admin', group: 'R&D "north"' }],
      };
      await update(changes);
      const connection = await current();
      for (const [name, value] of Object.entries(changes)) assert.deepEqual(connection[name], value, name);
      await update({ saml_connection_implicit_role_assignments: [], idp_initiated_auth_disabled: false });
      const again = await current();
      assert.deepEqual(again.saml_connection_implicit_role_assignments, []);
      assert.equal(again.idp_initiated_auth_disabled, false);
      assert.equal(again.allow_gateway_callback, true);
    });

    test('what cannot be meant is refused and changes nothing', async () => {
      const untouched = await current();
      await refuses({ idp_sso_url: 'idp.acme.test/sso' }, 'saml_connection_idp_sso_url_invalid_format');
      await refuses({ idp_sso_url: 'http://idp.acme.test/sso' }, 'saml_connection_idp_sso_url_not_https');
      await refuses({ identity_provider: 'no-such-product' }, 'invalid_sso_idp');
      await refuses({ attribute_mapping: { full_name: 'name' } }, 'saml_connection_email_mapping_required');
      await refuses({ attribute_mapping: { email: 'NameID' } }, 'saml_connection_name_mapping_required');
      await refuses({ attribute_mapping: { email: 'NameID', full_name: { a: 'b' } } }, 'saml_connection_no_nested_keys_in_attribute_mapping');
      const withoutGroups = { email: 'NameID', full_name: 'name' };
      await refuses({ attribute_mapping: withoutGroups }, 'saml_connection_attribute_mapping_missing_groups_key');
      await refuses({ x509_certificate: 'no certificate' }, 'invalid_x509_certificate');
      assert.deepEqual(await current(), untouched);
    });

    test('up to five certificates, with their dates, and never none', async () => {
      const { verification_certificates: two } = await update({ x509_certificate: certificates[1] });
      assert.deepEqual(new Set(fingerprints(two)), new Set(certificates.slice(0, 2).map((pem) => new X509Certificate(pem).fingerprint256)));
      for (const entry of two) {
        assert.match(entry.certificate_id, /^saml-verification-key-test-/);
        assert.equal(milliseconds(entry.expires_at), milliseconds(certificateOf(entry).validTo));
        assert.ok(entry.issuer.includes('idp-'), entry.issuer);
      }
      const { verification_certificates: five } = await update({ x509_certificate: certificates.slice(2, 5).join('') });
      assert.equal(five.length, 5);
      await refuses({ x509_certificate: certificates[5] }, 'too_many_sso_verification_certificates');
      for (const { certificate_id } of five.slice(1)) {
        const answer = await saml().deleteVerificationCertificate({ organization_id, connection_id, certificate_id });
        assert.equal(answer.certificate_id, certificate_id);
      }
      const left = (await current()).verification_certificates;
      assert.deepEqual(left.map((one) => one.certificate_id), [five[0].certificate_id]);
      const [{ certificate_id }] = left;
      await refused(
        saml().deleteVerificationCertificate({ organization_id, connection_id, certificate_id }),
        400,
        'cannot_delete_last_sso_verification_key',
      );
    });

    test('a new signing key signs next to the old certificate', async () => {
      const [old] = (await current()).signing_certificates;
      const key = pkcs1Key();
      const { signing_certificates } = await update({ signing_private_key: key });
      assert.equal(signing_certificates.length, 2);
      assert.ok(signing_certificates.some((one) => one.certificate_id === old.certificate_id), 'the old one is gone');
      const fresh = signing_certificates.find((one) => one.certificate_id !== old.certificate_id);
      const own = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' });
      assert.equal(certificateOf(fresh).publicKey.export({ type: 'spki', format: 'pem' }), own);
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const elliptic = privateKey.export({ type: 'sec1', format: 'pem' });
      await refuses({ signing_private_key: elliptic }, 'saml_signing_private_key_format_not_supported');
      const broken = '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n';
      await refuses({ signing_private_key: broken }, 'saml_signing_private_key_invalid');
    });

    test('up to five decryption keys, which can be taken away', async () => {
      const keys = Array.from({ length: 6 }, () => pkcs1Key());
      let kept = [];
      for (const saml_encryption_private_key of keys.slice(0, 5)) {
        ({ encryption_private_keys: kept } = await update({ saml_encryption_private_key }));
      }
      assert.equal(kept.length, 5);
      assert.deepEqual(new Set(kept.map((one) => one.private_key.trim())), new Set(keys.slice(0, 5).map((key) => key.trim())));
      await refuses({ saml_encryption_private_key: keys[5] }, 'too_many_encryption_certificates');
      for (const { private_key_id } of kept.slice(1)) {
        assert.match(private_key_id, /^saml-encryption-key-test-/);
        const answer = await saml().deleteEncryptionPrivateKey({ organization_id, connection_id, private_key_id });
        assert.equal(answer.private_key_id, private_key_id);
      }
      assert.deepEqual((await current()).encryption_private_keys, [kept[0]]);
    });

    test('our metadata offers the addresses, the certificates and the key to encrypt to', async () => {
      const connection = await current();
      const sp = serviceProvider(await (await fetch(connection.sp_metadata_url)).text());
      assert.equal(sp.entityId, connection.audience_uri);
      assert.equal(sp.acsUrl, connection.acs_url);
      const published = new Set(sp.certificates.signing.map((one) => new X509Certificate(one).fingerprint256));
      assert.deepEqual(published, new Set(fingerprints(connection.signing_certificates)));
      const [{ private_key }] = connection.encryption_private_keys;
      const own = createPublicKey(createPrivateKey(private_key)).export({ type: 'spki', format: 'pem' });
      const offered = sp.certificates.encryption.map((one) => new X509Certificate(one).publicKey.export({ type: 'spki', format: 'pem' }));
      assert.deepEqual(offered, [own]);
    });

    test('the metadata address of a provider fills the rest', async () => {
      const { connection: draft } = await saml().createConnection({ organization_id, display_name: 'By address' });
      const address = { organization_id, connection_id: draft.connection_id };
      const { connection } = await saml().updateByURL({ ...address, metadata_url: provider.metadataUrl });
      assert.equal(connection.idp_entity_id, provider.entityId);
      assert.equal(connection.idp_sso_url, provider.ssoUrl);
      assert.deepEqual(fingerprints(connection.verification_certificates), [new X509Certificate(provider.certificate).fingerprint256]);
      const { connection: mapped } = await saml().updateConnection({ ...address, attribute_mapping: provider.mapping });
      assert.equal(mapped.status, 'active');
      const { connection: twice } = await saml().updateByURL({ ...address, metadata_url: provider.metadataUrl });
      assert.equal(twice.verification_certificates.length, 1, 'the same certificate was added twice');
      await refused(saml().updateByURL({ ...address, metadata_url: 'no address' }), 400, 'invalid_saml_metadata_url');
      await client.sso.deleteConnection(address);
    });

    test('an address that answers something else says so', async () => {
      const other = createServer((_request, response) => response.end('<html><body>Log in</body></html>')).listen(0, '127.0.0.1');
      await once(other, 'listening');
      try {
        const metadata_url = `http://127.0.0.1:${other.address().port}/`;
        const call = saml().updateByURL({ organization_id, connection_id, metadata_url });
        const error = await call.then(() => assert.fail('accepted'), (reason) => reason);
        assert.equal(error.status_code, 400);
        assert.match(error.error_type, /^(invalid_xml_from_saml_metadata_url|saml_connection_metadata_invalid_format)$/);
      } finally {
        other.close();
      }
      assert.equal((await current()).idp_entity_id, 'https://idp.acme.test/metadata');
    });

    test('one organization does not reach the connection of another', async () => {
      const { organization } = await client.organizations.create({ organization_name: 'Other' });
      const foreign = { organization_id: organization.organization_id, connection_id };
      await refused(saml().updateConnection({ ...foreign, display_name: 'Mine' }), 404, 'saml_connection_not_found');
      await refused(saml().updateByURL({ ...foreign, metadata_url: provider.metadataUrl }), 404, 'saml_connection_not_found');
      const [{ certificate_id }] = (await current()).verification_certificates;
      await refused(saml().deleteVerificationCertificate({ ...foreign, certificate_id }), 404, 'saml_connection_not_found');
      await refused(client.sso.deleteConnection(foreign), 404, 'sso_connection_not_found');
      assert.equal((await current()).display_name, 'Acme Ping');
    });

    test('it goes away', async () => {
      const answer = await client.sso.deleteConnection({ organization_id, connection_id });
      assert.equal(answer.connection_id, connection_id);
      assert.equal(await current(), undefined);
      const { organization } = await client.organizations.get({ organization_id });
      assert.deepEqual(organization.sso_active_connections, []);
    });
  });
}
