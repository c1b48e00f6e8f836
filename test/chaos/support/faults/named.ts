import { between } from '../draw.js';
import { closeAllLinks } from '../servers.js';
import { type Fault, FAILING, fault, lasting, type Scene } from './fault.js';

const BAD_MS = { least: 300, most: 3_000 };

/** All links are lost while names are resolved badly, so that new ones must be opened by name. */
async function loseLinks(scene: Scene, state: Scene['names']['state']): Promise<void> {
  const { cluster, names, random } = scene;
  names.state = state;
  try {
    await Promise.all(cluster.nodes.map(closeAllLinks));
    await lasting(between(random, BAD_MS.least, BAD_MS.most), scene);
  } finally {
    names.state = 'well';
  }
}

const dnsFails = fault(
  'dns-fails',
  'all links are lost while the name of the nodes cannot be resolved',
  FAILING,
  (scene) => loseLinks(scene, 'failing'),
  { needs: 'names' },
);

const dnsOutdated = fault(
  'dns-outdated',
  'all links are lost while the name of the nodes leads to addresses where nobody is',
  FAILING,
  (scene) => loseLinks(scene, 'outdated'),
  { needs: 'names' },
);

const dnsChanges = fault(
  'dns-changes',
  'the name of the nodes leads to several addresses, the first of which are dead, while all links are lost',
  FAILING,
  (scene) => loseLinks(scene, 'changed'),
  { needs: 'names' },
);

/** Faults of name resolution. */
export const namedFaults: readonly Fault[] = [dnsFails, dnsOutdated, dnsChanges];
