import path from 'node:path';

// The packages are those of the workspace around it. Types are read by its compiler, with the other samples.
export default {
  poweredByHeader: false,
  turbopack: { root: path.join(import.meta.dirname, '../..') },
  typescript: { ignoreBuildErrors: true },
};
