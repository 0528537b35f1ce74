// What a customer's administrator reads out of our metadata.
import { pem } from './keys.mjs';

const attribute = (tag, name) => tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1].replace(/&amp;/g, '&');

/** The service provider that a metadata document describes. */
export function serviceProvider(metadata) {
  const certificates = { signing: [], encryption: [] };
  for (const [, tag, content] of metadata.matchAll(/<(?:\w+:)?KeyDescriptor\b([^>]*)>([\s\S]*?)<\/(?:\w+:)?KeyDescriptor>/g)) {
    const found = content.match(/X509Certificate>([^<]+)</)[1];
    for (const use of [attribute(tag, 'use') ?? ['signing', 'encryption']].flat()) certificates[use].push(pem(found));
  }
  return {
    metadata,
    certificates,
    entityId: attribute(metadata.match(/<(?:\w+:)?EntityDescriptor\b[^>]*>/)[0], 'entityID'),
    acsUrl: attribute(metadata.match(/<(?:\w+:)?AssertionConsumerService\b[^>]*>/)[0], 'Location'),
    signingCertificate: certificates.signing[0],
    encryptionCertificate: certificates.encryption.at(-1),
  };
}
