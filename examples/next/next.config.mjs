/** Pages about a person are in no cache, and an address with a token is told to nobody. */
const headers = async () => [
  { source: '/:path*', headers: [{ key: 'Referrer-Policy', value: 'no-referrer' }, { key: 'Cache-Control', value: 'no-store' }] },
];

export default { headers, poweredByHeader: false, turbopack: { root: import.meta.dirname } };
