import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'tsdown';

// Both module kinds on purpose (docs/adr/0001-dual-build.md), file by file, so that `dist` mirrors `src`.
const config: UserConfig = defineConfig({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  entry: ['src/index.ts', 'src/{testing,}/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  tsconfig: 'tsconfig.build.json',
  unbundle: true,
  dts: { oxc: { stripInternal: true } },
  // The declarations keep the documentation; in the code it would only be weight.
  outputOptions: { comments: { jsdoc: false } },
  clean: true,
  logLevel: 'warn',
});
export default config;
