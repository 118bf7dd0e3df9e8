// The style and the script of the report's page, put into the bundle as they are: the page names them by their hashes.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const text = (path) => JSON.stringify(readFileSync(path, 'utf8'));

export const pageAssets = {
  name: 'page-assets',
  setup(bundler) {
    bundler.onLoad({ filter: /\/report\/html\/assets\.ts$/ }, ({ path }) => ({
      contents: `export const PAGE_STYLE = ${text(join(dirname(path), 'page.css'))};
export const PAGE_SCRIPT = ${text(join(dirname(path), 'page.js'))};`,
    }));
  },
};
