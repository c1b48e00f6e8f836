import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const benchDir = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(benchDir, '.build');

/** What runs in child processes. */
const sources = ['cluster', 'footprint'];

/**
 * Compiles the children's code to plain JavaScript in `bench/.build` and returns that folder. A loader that
 * transforms on the fly would take part in what is measured, and `slotwise` resolves to the built package
 * only for plain `node`.
 */
export function buildWorkers(): string {
  rmSync(outDir, { recursive: true, force: true });
  for (const folder of sources) {
    for (const file of readdirSync(join(benchDir, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const compiled = ts.transpileModule(readFileSync(join(benchDir, folder, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
        },
      });
      const out = join(outDir, folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, compiled.outputText);
    }
  }
  return outDir;
}
