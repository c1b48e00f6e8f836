import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

/** Starting real servers on a busy machine takes seconds; a hang is caught after this. */
const REAL_SERVER_TIMEOUT_MS = 60_000;

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^slotwise$/, replacement: source('index.ts') },
      { find: /^slotwise\/testing$/, replacement: source('testing/index.ts') },
    ],
  },
  test: {
    maxWorkers: 2,
    // A test that leaves `.only` behind would silently switch the others off.
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,spec,property}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            tsconfig: 'test/types/tsconfig.json',
            include: ['test/types/**/*.test-d.ts'],
            // `npm run check:types` judges the whole tree; here only the type tests count.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/{integration,chaos,package}/**/*.test.ts'],
          setupFiles: ['test/setup/leak-check.ts'],
          testTimeout: REAL_SERVER_TIMEOUT_MS,
          hookTimeout: REAL_SERVER_TIMEOUT_MS,
        },
      },
    ],
  },
});
export default config;
