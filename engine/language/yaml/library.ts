import { createRequire } from 'node:module';

type Library = typeof import('yaml');

/**
 * The `yaml` package, loaded when it is first needed, and never bundled: most files do without it, and even code
 * that does not run costs time to load.
 */
export function yamlLibrary(): Library {
  return createRequire(import.meta.url)('yaml') as Library;
}
