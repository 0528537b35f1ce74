// Writes core/src/types/generated.ts from the document of what is served. With --check it only says whether the file is current.
//
// Objects come from the document's schemas: those that the browser's endpoints answer and, while an object is answered to backends
// alone, those named below. `Answers` has one entry for each endpoint under /sdk/v1, so that a type test can hold the table of methods
// against what the server says it answers.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const target = new URL('sdks/core/src/types/generated.ts', root);
const prefix = '/sdk/v1';
/** What the browser's API speaks of, by its name in the document and its name here. */
const names = {
  Session: 'MemberSession',
  Factor: 'AuthenticationFactor',
  SamlConnection: 'SAMLConnection',
  OidcConnection: 'OIDCConnection',
};
const wanted = [
  'Member', 'Organization', 'Session', 'SamlConnection', 'OidcConnection', 'ExternalConnection', 'DiscoveredOrganization', 'Policy',
];

const spec = JSON.parse(readFileSync(new URL('spec/openapi.json', root), 'utf8'));
const schemas = spec.components.schemas;
const needed = new Set();

const called = (name) => names[name] ?? name;
const member = (key) => (/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key));

function type(schema, indent) {
  if (!schema || schema === true) return 'unknown';
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    need(name);
    return called(name);
  }
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  for (const key of ['anyOf', 'oneOf']) if (schema[key]) return schema[key].map((one) => type(one, indent)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => type(one, indent)).join(' & ');
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one }, indent)).join(' | ');
  switch (schema.type) {
    case 'string': return 'string';
    case 'boolean': return 'boolean';
    case 'integer': case 'number': return 'number';
    case 'null': return 'null';
    case 'array': return list(type(schema.items, indent));
    case 'object': return schema.properties ? object(schema, indent) : map(schema, indent);
    default: return 'unknown';
  }
}

const list = (item) => (/[|&]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`);
const map = (schema, indent) =>
  `Record<string, ${typeof schema.additionalProperties === 'object' ? type(schema.additionalProperties, indent) : 'unknown'}>`;

function object(schema, indent) {
  const deeper = `${indent}  `;
  const lines = Object.entries(schema.properties).map(([key, value]) => {
    const text = type(value, deeper);
    // Members that may be null are sent as null or left away; a reader has to expect both.
    const optional = schema.required?.includes(key) ? '' : '?';
    return `${deeper}${member(key)}${optional}: ${text};`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function need(name) {
  if (!schemas[name]) throw new Error(`the document has no object ${name}`);
  needed.add(name);
}

/** One entry for each endpoint of the browser: what is inside `data`. */
function answers() {
  const lines = [];
  for (const [path, operations] of Object.entries(spec.paths)) {
    if (!path.startsWith(`${prefix}/`)) continue;
    for (const [method, operation] of Object.entries(operations)) {
      const done = operation.responses?.['200']?.content?.['application/json']?.schema;
      if (!done) continue;
      const inside = done.properties?.data ?? done;
      lines.push(`  '${method.toUpperCase()} ${path.slice(prefix.length)}': ${type(inside, '  ')};`);
    }
  }
  return lines.sort();
}

wanted.forEach(need);
const inside = answers();
const written = new Map();
while (written.size < needed.size) {
  for (const name of [...needed]) {
    if (!written.has(name)) written.set(name, `export interface ${called(name)} ${type(schemas[name], '')}`);
  }
}
const objects = [...written].sort(([a], [b]) => called(a).localeCompare(called(b))).map(([, text]) => text);
const text = `// Written by scripts/types.mjs from spec/openapi.json; not edited by hand.

${objects.join('\n\n')}

/** What each endpoint of the browser answers, inside \`data\`. */
export interface Answers {
${inside.join('\n')}
}
`;

if (process.argv.includes('--check')) {
  const found = readFileSync(target, 'utf8');
  if (found !== text) {
    console.error('core/src/types/generated.ts is not what spec/openapi.json says: run `npm run types` in sdks/');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
