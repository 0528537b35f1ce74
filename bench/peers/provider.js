// One identity provider for all: it reads a request and signs an answer to it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

import saml from 'saml';

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

export class Provider {
  entityId = 'https://idp.peer.example/metadata';
  url = 'https://idp.peer.example/sso';

  constructor() {
    const directory = mkdtempSync(join(tmpdir(), 'vestibule-peers-'));
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(directory, name));
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', '30', '-subj', '/CN=idp.peer.example'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
    this.key = readFileSync(key, 'utf8');
    this.certificate = readFileSync(certificate, 'utf8');
    rmSync(directory, { recursive: true });
  }

  metadata() {
    const bare = this.certificate.replace(/-----[^-]+-----|\s/g, '');
    const service = `Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${this.url}"`;
    return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${this.entityId}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${bare}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService ${service}/></IDPSSODescriptor></EntityDescriptor>`;
  }

  /** The form that the browser brings back. */
  answer(to, { acs, audience }, email) {
    const request = inflateRawSync(Buffer.from(to.searchParams.get('SAMLRequest'), 'base64')).toString();
    const inResponseTo = request.match(/\bID="([^"]+)"/)[1];
    const assertion = saml.Saml20.create({
      key: this.key,
      cert: this.certificate,
      issuer: this.entityId,
      lifetimeInSeconds: 300,
      audiences: audience,
      recipient: acs,
      inResponseTo,
      nameIdentifier: email,
      nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
      attributes: { id: email, email, name: 'Somebody of the Peer', firstName: 'Somebody', lastName: 'of the Peer' },
      sessionIndex: `_${randomUUID()}`,
    });
    const head = `ID="_${randomUUID()}" InResponseTo="${inResponseTo}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${acs}"`;
    const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ${head}><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${this.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status>${assertion}</samlp:Response>`;
    return new URLSearchParams({
      SAMLResponse: Buffer.from(response).toString('base64'),
      RelayState: to.searchParams.get('RelayState'),
    });
  }
}
