// An authority of this machine for the suites whose clients speak https alone: `node support/authority.mjs DIRECTORY` has `vestibule dev
// --tls` make one there. What a client trusts is read when it starts, which is before a suite starts its server; so each server is given
// this one, and every client is told of it by its environment:
//
//   export VESTIBULE_TEST_AUTHORITY=DIRECTORY NODE_EXTRA_CA_CERTS=DIRECTORY/ca.pem
import { startServer } from './server.mjs';

const [directory] = process.argv.slice(2);
if (!directory) throw new Error('usage: node support/authority.mjs DIRECTORY');
const server = await startServer({ engine: 'sqlite', args: ['--tls'], dataDir: directory });
await server.stop();
