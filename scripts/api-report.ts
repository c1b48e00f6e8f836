/**
 * Compares the public API of the built package with the reports in `api/`, one for each entry, so that no
 * public name changes unseen. `--update` renews the reports. Exit code 1 on a difference.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const CONFIG = 'config/api-extractor.json';
const update = process.argv.includes('--update');

interface PackageJson {
  exports: Record<string, string | { import: { types: string } }>;
}
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as PackageJson;

mkdirSync('api', { recursive: true });
let failed = false;
for (const [subpath, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  const name = subpath === '.' ? 'slotwise' : `slotwise-${subpath.slice('./'.length)}`;
  if (!existsSync(target.import.types)) {
    console.error(`${target.import.types} is missing: run \`npm run build\` first`);
    process.exit(1);
  }
  const configObject = ExtractorConfig.loadFile(CONFIG);
  configObject.mainEntryPointFilePath = join('<projectFolder>', target.import.types);
  configObject.apiReport = { ...configObject.apiReport, enabled: true, reportFileName: name };
  const extractorConfig = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: join(process.cwd(), CONFIG),
    packageJsonFullPath: join(process.cwd(), 'package.json'),
  });
  const result = Extractor.invoke(extractorConfig, { localBuild: update, showVerboseMessages: false });
  failed ||= !result.succeeded;
}
if (failed) {
  console.error('The public API differs from api/*.api.md. If that is meant: npm run api:update');
  process.exit(1);
}
